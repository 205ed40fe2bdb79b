// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main/main_window.h"
#include "app/main/options.h"
#include "app/main/screenshot.h"
#include "app/session/open_source.h"

#include <QApplication>
#include <QStyleFactory>
#include <QTextStream>

#include <cstdlib>

using namespace timerscope;

namespace {

constexpr int noDisplay = 3;
constexpr const char* noDisplaySentence
    = "timerscope: there is no display to open a window on. Use --screenshot FILE for a picture, "
      "or tscope in the terminal.\n";

[[noreturn]] void endWithoutDisplay()
{
    QTextStream(stderr) << noDisplaySentence << Qt::flush;
    std::_Exit(noDisplay);
}

/// What Qt says without a display, or before it gives up on one, and nobody needs to read.
bool isIdle(const QString& message)
{
    return message.contains("propagateSizeHints") || message.contains("XDG_RUNTIME_DIR")
        || message.contains("could not connect to display")
        || message.contains("Could not load the Qt platform plugin");
}

/// QApplication aborts the program when it cannot reach the display. This ends it in words.
void endInWords(QtMsgType type, const QMessageLogContext& /*context*/, const QString& message)
{
    if (type == QtFatalMsg) {
        endWithoutDisplay();
    }
    if (type == QtCriticalMsg || (type == QtWarningMsg && !isIdle(message))) {
        QTextStream(stderr) << message << '\n' << Qt::flush;
    }
}

bool hasDisplay()
{
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY")
        || qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
}

QStringList argumentsOf(int argc, char** argv)
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i) {
        arguments << QString::fromLocal8Bit(argv[i]);
    }
    return arguments;
}

void preparePlatform(const Options& options)
{
    if (!options.screenshot.isEmpty()) {
        qputenv("QT_QPA_PLATFORM", "offscreen"); // the same picture everywhere, and no flash
        qputenv("QT_SCALE_FACTOR", QByteArray::number(options.scale));
    }
}

int runWindow(int argc, char** argv, const Options& options)
{
    qInstallMessageHandler(endInWords);
    const QApplication application(argc, argv);
    QApplication::setStyle(QStyleFactory::create("Fusion"));
    QApplication::setApplicationName("timerscope");
    QApplication::setDesktopFileName("timerscope");
    const Resources resources = Resources::find();
    MainWindow window(
        [&resources](const std::string& uri) {
            return openSource(uri, resources, {.physicalMemory = false});
        },
        sourceOffers(resources), options.theme);
    if (options.screenshot.isEmpty()) {
        window.show();
        window.open(options.source);
    } else {
        takeScreenshot(window, options);
    }
    return QApplication::exec();
}

} // namespace

int main(int argc, char** argv)
{
    const auto options = parseOptions(argumentsOf(argc, argv));
    if (!options) {
        QTextStream(stderr) << "timerscope: " << QString::fromStdString(options.error().what)
                            << '\n';
        return 2;
    }
    if (options->help || options->version) {
        QTextStream(stdout) << (options->help ? helpText() : versionText() + '\n');
        return 0;
    }
    preparePlatform(*options);
    if (!hasDisplay()) {
        endWithoutDisplay();
    }
    return runWindow(argc, argv, *options);
}
