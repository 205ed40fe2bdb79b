// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/gui_support.h"

#include "app/session/open_source.h"
#include "backends/linux/linux_source.h"
#include "tests/backends/linux_tree.h"
#include "tests/support/text_file.h"

#include <QAbstractButton>
#include <QApplication>
#include <QDir>
#include <QLabel>
#include <QSignalSpy>
#include <QStyleFactory>
#include <QTest>

namespace timerscope::test {

namespace {

/// A kernel of two CPUs in files, as the linux: source finds one.
const LinuxTree& kernelTree()
{
    static const LinuxTree tree;
    static const bool filled = [] {
        tree.writeClocksources("tsc hpet acpi_pm", "tsc");
        tree.writeDevice("clockevent0", "lapic-deadline\n");
        tree.writeDevice("clockevent1", "lapic-deadline\n");
        tree.write("proc/timer_list",
                   textOf(sourcePath("tests/oracle/timer_list/host_6.18_2cpu.timer_list.txt")));
        return true;
    }();
    static_cast<void>(filled);
    return tree;
}

std::vector<std::filesystem::path>& searched()
{
    static std::vector<std::filesystem::path> folders{sourcePath("resources").toStdString()};
    return folders;
}

Result<std::unique_ptr<Source>> openUri(const std::string& uri)
{
    if (uri == "linux:") {
        return openLinux(kernelTree().root());
    }
    return openSource(uri, Resources(searched()));
}

QString describe(const QWidget& widget, const QString& text, int has, int needs)
{
    return QString{"%1 \"%2\" has %3 px and needs %4"}
        .arg(widget.metaObject()->className(), text)
        .arg(has)
        .arg(needs);
}

void checkLabel(const QLabel& label, QStringList& found)
{
    if (label.text().isEmpty() || label.wordWrap()) {
        const int needed = label.wordWrap() ? label.heightForWidth(label.width()) : 0;
        if (label.height() < needed) {
            found << describe(label, label.text(), label.height(), needed) + " in height";
        }
        return;
    }
    const int needed = label.fontMetrics().horizontalAdvance(label.text());
    const bool tall = label.contentsRect().height() >= label.fontMetrics().ascent();
    if ((label.contentsRect().width() < needed && label.toolTip() != label.text()) || !tall) {
        found << describe(label, label.text(), label.contentsRect().width(), needed);
    }
}

} // namespace

void prepareApplication()
{
    QApplication::setStyle(QStyleFactory::create("Fusion"));
}

OpenFunction openForTests()
{
    return openUri;
}

void alsoFindIn(const QString& folder)
{
    searched().emplace_back(folder.toStdString());
}

std::unique_ptr<MainWindow> windowOn(const QString& uri, ThemeChoice theme, QSize size)
{
    SourceOffers offers{.sources = sourceChoices({"ast2500-boot", "mfoc-boot"}),
                        .backends = [] { return backendChoices(Resources(searched())); }};
    auto window = std::make_unique<MainWindow>(openForTests(), std::move(offers), theme);
    window->setPlaysOnOpen(false);
    window->resize(size);
    window->show();
    QSignalSpy opened(&window->model(), &WindowModel::opened);
    window->open(uri);
    [&] { QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 1, 10'000); }();
    return window;
}

void runTo(MainWindow& window, std::int64_t ns)
{
    window.model().session()->runUntil(TraceInstant{Ns{ns}});
    [&] {
        QTRY_VERIFY_WITH_TIMEOUT(window.model().view().state != PlayState::Playing
                                     && nsOf(window.model().view().snapshot->at) >= ns,
                                 20'000);
    }();
    QTest::qWait(300); // tables and fingerprint
}

QStringList clippedTexts(const QWidget& window)
{
    QTest::qWait(20); // a text that has just come still waits for its room
    QStringList found;
    for (const QLabel* label : window.findChildren<QLabel*>()) {
        if (label->isVisible()) {
            checkLabel(*label, found);
        }
    }
    for (const QAbstractButton* button : window.findChildren<QAbstractButton*>()) {
        const int needed = button->text().isEmpty() ? 0 : button->sizeHint().width();
        if (button->isVisible() && button->width() < needed) {
            found << describe(*button, button->text(), button->width(), needed);
        }
    }
    return found;
}

QString artefact(const QString& name)
{
    const QDir build(QDir::cleanPath(qEnvironmentVariable("TIMERSCOPE_BIN_DIR") + "/.."));
    build.mkpath("tests/pictures");
    return build.filePath("tests/pictures/" + name);
}

} // namespace timerscope::test
