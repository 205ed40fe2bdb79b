// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main/options.h"

#include "app/models/source_choices.h"
#include "engine/base/time_text.h"

#include <QCommandLineParser>
#include <QFileInfo>

namespace timerscope {

namespace {

const QCommandLineOption helpOption{{"h", "help"}};
const QCommandLineOption versionOption{{"v", "version"}};
const QCommandLineOption screenshotOption{"screenshot", {}, "FILE"};
const QCommandLineOption atOption{"at", {}, "TIME"};
const QCommandLineOption sizeOption{"size", {}, "WxH"};
const QCommandLineOption themeOption{"theme", {}, "THEME"};
const QCommandLineOption scaleOption{"scale", {}, "N"};

auto wrongUse(const QString& sentence)
{
    return fail(ErrorCode::InvalidArgument, sentence.toStdString());
}

Result<void> takeTheme(const QCommandLineParser& parser, Options& options)
{
    const QString name = parser.value(themeOption);
    if (name.isEmpty() || name == "system") {
        options.theme = ThemeChoice::System;
    } else if (name == "light") {
        options.theme = ThemeChoice::Light;
    } else if (name == "dark") {
        options.theme = ThemeChoice::Dark;
    } else {
        return wrongUse(QString{"--theme: \"%1\" is none of light, dark and system"}.arg(name));
    }
    return {};
}

Result<void> takeSize(const QCommandLineParser& parser, Options& options)
{
    if (!parser.isSet(sizeOption)) {
        return {};
    }
    const QString text = parser.value(sizeOption);
    const QStringList parts = text.split('x');
    options.size = parts.size() == 2 ? QSize(parts[0].toInt(), parts[1].toInt()) : QSize{};
    if (options.size.width() < 800 || options.size.height() < 600 || options.size.width() > 16000
        || options.size.height() > 16000) {
        return wrongUse(QString{"--size: \"%1\" is not WIDTHxHEIGHT between 800x600 and "
                                "16000x16000"}
                            .arg(text));
    }
    return {};
}

Result<void> takeScale(const QCommandLineParser& parser, Options& options)
{
    if (!parser.isSet(scaleOption)) {
        return {};
    }
    options.scale = parser.value(scaleOption).toInt();
    if (options.scale < 1 || options.scale > 4) {
        return wrongUse(
            QString{"--scale: \"%1\" is none of 1, 2, 3 and 4"}.arg(parser.value(scaleOption)));
    }
    return {};
}

Result<void> takePicture(const QCommandLineParser& parser, Options& options)
{
    options.screenshot = parser.value(screenshotOption);
    if (parser.isSet(screenshotOption) && options.screenshot.isEmpty()) {
        return wrongUse("--screenshot: a file name is missing");
    }
    if (!parser.isSet(atOption)) {
        return {};
    }
    const auto span = parseTime(parser.value(atOption).toStdString());
    if (!span) {
        return wrongUse("--at: " + QString::fromStdString(span.error().what));
    }
    options.at = TraceInstant{*span};
    return {};
}

Result<void> takeSource(const QCommandLineParser& parser, Options& options)
{
    const QStringList sources = parser.positionalArguments();
    if (sources.size() > 1) {
        return wrongUse(
            QString{"one SOURCE is shown at a time; %1 were given"}.arg(sources.size()));
    }
    if (!sources.isEmpty()) {
        options.source = sourceUri(sources.front());
    }
    return {};
}

} // namespace

Result<Options> parseOptions(const QStringList& arguments)
{
    QCommandLineParser parser;
    parser.addOptions({helpOption, versionOption, screenshotOption, atOption, sizeOption,
                       themeOption, scaleOption});
    if (!parser.parse(arguments)) {
        return wrongUse(parser.errorText());
    }
    Options options;
    options.help = parser.isSet(helpOption);
    options.version = parser.isSet(versionOption);
    for (const auto take : {takeSource, takePicture, takeSize, takeTheme, takeScale}) {
        if (auto taken = take(parser, options); !taken) {
            return fail(taken.error().code, taken.error().what);
        }
    }
    return options;
}

QString versionText()
{
    return "timerscope " TIMERSCOPE_VERSION;
}

QString helpText()
{
    return R"(Usage: timerscope [OPTIONS] [SOURCE]

Shows how Linux picks its clocks, drives its ticks and fires its timers.

SOURCE   sim:NAME, or NAME alone: a scenario, by its name or its file
         (default: ast2500-boot)
         linux: this computer's running kernel

  --screenshot FILE  write a picture of the window and end; needs no display
  --at TIME          take it at this time: 250ms, 1.5s, a plain number is seconds
                     (default: at the scenario's end)
  --size WxH         of the window (default: 1600x1000)
  --theme THEME      light, dark or system (default: system)
  --scale N          1 to 4 pixels for each of the window's (default: 1)
  -h, --help         print this and end
  -v, --version      print the version and end

Exit codes: 0 fine, 2 wrong use or bad input, 3 no display or source not there,
4 the picture could not be written.
)";
}

} // namespace timerscope
