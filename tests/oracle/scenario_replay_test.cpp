// SPDX-License-Identifier: GPL-3.0-or-later
//! The judge of scenarios: it must see a difference wherever one is planted, and nowhere else.
#include "tests/oracle/replay/replay.h"
#include "tests/oracle/replay/step_comparison.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace timerscope;
using namespace timerscope::oracle;

namespace {

struct Ended
{
    int code = -1;
    QString out;
    QString err;
};

Ended run(const QStringList& arguments)
{
    QProcess process;
    process.start(qEnvironmentVariable("TIMERSCOPE_BIN_DIR") + "/oracle_check", arguments);
    if (!process.waitForFinished(60'000) || process.exitStatus() != QProcess::NormalExit) {
        return {};
    }
    return {.code = process.exitCode(),
            .out = QString::fromUtf8(process.readAllStandardOutput()),
            .err = QString::fromUtf8(process.readAllStandardError())};
}

QString recordingPath(const QString& name)
{
    return qEnvironmentVariable("TIMERSCOPE_SOURCE_DIR") + "/tests/oracle/scenarios/" + name
        + ".json";
}

QByteArray recording(const QString& name)
{
    QFile file(recordingPath(name));
    if (!file.open(QIODevice::ReadOnly)) {
        qFatal("a recording is missing");
    }
    return file.readAll();
}

QByteArray table(const QString& folder, const QString& name)
{
    QFile file(qEnvironmentVariable("TIMERSCOPE_SOURCE_DIR") + "/tests/oracle/" + folder + '/'
               + name + ".tsv");
    if (!file.open(QIODevice::ReadOnly)) {
        qFatal("a table is missing");
    }
    return file.readAll();
}

QJsonObject objectOf(const QByteArray& json)
{
    return QJsonDocument::fromJson(json).object();
}

/// A directory of scenarios that lasts as long as the test.
class Recordings
{
public:
    Recordings& file(const QString& name, const QByteArray& content)
    {
        QFile file(m_directory.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size()) {
            qFatal("cannot write a test file");
        }
        return *this;
    }
    [[nodiscard]] QString path() const { return m_directory.path(); }
    [[nodiscard]] Ended check(const QStringList& options = {}) const
    {
        return run(QStringList{"scenarios", path()} + options);
    }

private:
    QTemporaryDir m_directory;
};

/// @p name with the first @p before behind step @p step replaced.
QByteArray altered(const QString& name, int step, const QByteArray& before, const QByteArray& after)
{
    QByteArray text = recording(name);
    const qsizetype from = text.indexOf("\"n\": " + QByteArray::number(step) + ",");
    const qsizetype place = text.indexOf(before, from);
    if (from < 0 || place < 0) {
        qFatal("the recording has no such text");
    }
    return text.replace(place, before.size(), after);
}

/// The recording without what was observed: its commands only.
QByteArray commandsOf(const QString& name)
{
    QJsonObject scenario = objectOf(recording(name));
    QJsonArray bare;
    for (const auto& step : scenario["steps"].toArray()) {
        const QJsonObject full = step.toObject();
        bare.append(QJsonObject{{"n", full["n"]}, {"cmd", full["cmd"]}});
    }
    scenario["steps"] = bare;
    return QJsonDocument(scenario).toJson();
}

QList<QJsonObject> answersIn(const QString& lines)
{
    QList<QJsonObject> answers;
    for (const QString& line : lines.split('\n', Qt::SkipEmptyParts)) {
        answers << objectOf(line.toUtf8());
    }
    return answers;
}

QString maskedLog(const char* line, MaskRules rules = {})
{
    return QString::fromStdString(comparedLog(line, rules).value_or("excepted"));
}

} // namespace

class ScenarioReplayTest final : public QObject
{
    Q_OBJECT

private slots:
    void aRecordingOfOneCpuPasses()
    {
        const Ended ended = run({"scenarios", QFileInfo(recordingPath("x")).path(), "--only",
                                 "cs0*", "--only", "cs13_stuck"});
        QCOMPARE(ended.err, QString());
        QVERIFY2(ended.out.contains("cs01_rating_order passed ("), qPrintable(ended.out));
        QVERIFY(ended.out.contains("cs13_stuck passed ("));
        QVERIFY(!ended.out.contains("cs14"));
        QVERIFY(ended.out.endsWith(" passed, 0 failed\n"));
        QCOMPARE(ended.code, 0);
    }

    void aPlantedDifferenceIsFound_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("step");
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        QTest::addColumn<QString>("field");
        const auto plant = [](const char* what, const char* name, int step, const char* before,
                              const char* after, const char* field) {
            QTest::newRow(what) << QString(name) << step << QByteArray(before) << QByteArray(after)
                                << QString(field);
        };
        constexpr auto ratings = "cs01_rating_order";
        constexpr auto modules = "cs18_module_refs";
        constexpr auto skew = "cs11_skew_m900";
        constexpr auto time = "cs38_settime";
        plant("bytes written", ratings, 6, "ok ret=34", "ok ret=33", "output[0]");
        plant("errno", modules, 3, "errno=11 EAGAIN", "errno=16 EBUSY", "output[0]");
        plant("a line of output", time, 11, "\"ok ret=5", "\"more\", \"ok ret=5", "output[0]");
        plant("adjtimex answer", time, 12, "tick=10100", "tick=10101", "output[0]");
        plant("rc", modules, 3, "\"rc\": 1", "\"rc\": 0", "rc");
        plant("available", ratings, 6, "\"available\": \"r301", "\"available\": \"r300",
              "available");
        plant("current", ratings, 6, "\"current\": \"r301\"", "\"current\": \"tsc\"", "current");
        plant("references", ratings, 6, "\"kscn_a\": 1", "\"kscn_a\": 0", "modules");
        plant("a module", modules, 4, "\"kscn_b\": 1,", "", "modules");
        plant("return value", "cs32_fallback_hres", 7, "ret -16", "ret -11", "log_a[0]");
        plant("a callback", ratings, 7, "cb cs r301 disable", "cb cs r500 disable", "log_a[1]");
        plant("a callback missing", ratings, 7, "\"cb cs r500 enable -> 0\",", "", "log_a[0]");
        plant("an extra line", ratings, 13, "\"ret 0\"", "\"ret 0\", \"ret 0\"", "log_a[1]");
        plant("cs line", ratings, 2, "maxadj=230686720", "maxadj=230686721", "log_a[1]");
        plant("cslist", ratings, 9, "cslist r500:500:ch", "cslist r500:501:ch", "log_a[0]");
        plant("flags", ratings, 9, "tsc:300:cmhp", "tsc:300:cmwhp", "log_a[0]");
        plant("wdlist", ratings, 9, "wdlist tsc", "wdlist", "log_a[1]");
        plant("curr", ratings, 9, "curr r500", "curr r400", "log_a[2]");
        plant("suspend_cs", "cs34_suspend_nonstop", 2, "suspend_cs ns1", "suspend_cs (null)",
              "log_a[3]");
        plant("override_name", "cs02_ties", 8, "override_name 'tieC'", "override_name ''",
              "log_a[4]");
        plant("finished_booting", ratings, 9, "finished_booting 1", "finished_booting 0",
              "log_a[16]");
        plant("refcnt", modules, 17, "refcnt 2", "refcnt 1", "log_a[0]");
        plant("dmesg text", ratings, 6, "Switched to clocksource r301",
              "Switched to clocksource r300", "dmesg[1]");
        plant("a line of dmesg", skew, 6, "is current clocksource.", "is.", "dmesg[3]");
        plant("a log", modules, 6, "\"log_b\": []", "\"log_a\": []", "log_a");
    }

    void aPlantedDifferenceIsFound()
    {
        QFETCH(QString, name);
        QFETCH(int, step);
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        QFETCH(QString, field);
        const auto ended
            = Recordings().file("planted.json", altered(name, step, before, after)).check();
        QCOMPARE(ended.code, 1);
        const QString found
            = QString("%1 failed: step %2: %3: expected ").arg(name).arg(step).arg(field);
        QVERIFY2(ended.out.startsWith(found), qPrintable(ended.out));
        QVERIFY(ended.out.contains(" got "));
        QVERIFY(ended.out.endsWith("0 passed, 1 failed\n"));
    }

    void whatDependsOnTheTimeIsExcepted_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("step");
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        const auto alter = [](const char* what, const char* name, int step, const char* before,
                              const char* after) {
            QTest::newRow(what) << QString(name) << step << QByteArray(before) << QByteArray(after);
        };
        constexpr auto skew = "cs11_skew_m900";
        alter("watchdog's interval", skew, 6, "wd_nsec: 512461460", "wd_nsec: 512461461");
        alter("watchdog's reading", skew, 6, "wd_now: f230ecbc", "wd_now: f230ecbd");
        alter("CPU", skew, 6, "CPU0: Marking", "CPU1: Marking");
        alter("a good pass", skew, 6, "\"cb cs skew tick_stable\",", "");
        alter("a stamp", skew, 6, "[ 1630.466390]", "[ 1630.466391]");
        alter("armed at", "cs38_settime", 3, "armed at mono=1627607129866",
              "armed at mono=1627607129867");
        alter("maxerror", "cs38_settime", 12, "maxerror=16000000", "maxerror=16000500");
        alter("events programmed", "ce01_better_replaces", 6, "calls=29", "calls=30");
        alter("an event", "ce01_better_replaces", 3, "set_next_event(32934)",
              "set_next_event(32935)");
        alter("tsc's calibration", "cs14_mark_unstable", 15, "mult=8388608", "mult=8388609");
        alter("the first dmesg", "cs18_module_refs", 1, "\"dmesg\": []", "\"dmesg\": [\"x\"]");
    }

    void whatDependsOnTheTimeIsExcepted()
    {
        QFETCH(QString, name);
        QFETCH(int, step);
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        const auto ended
            = Recordings().file("moved.json", altered(name, step, before, after)).check();
        QVERIFY2(ended.out.startsWith(name + " passed ("), qPrintable(ended.out));
        QCOMPARE(ended.code, 0);
    }

    void tickLinesAreComparedOnceTheyAreModelled()
    {
        const MaskRules without{.tickLines = false};
        const MaskRules with{.tickLines = true};
        for (const char* line :
             {"celist hpet:50:0x3:SHUTDOWN:x", "cereleased", "tickdev cpu0 lapic",
              "mask tick_broadcast_mask=", "tick_do_timer_cpu 0", "tick_broadcast_forced 0",
              "cb ce fast shutdown"}) {
            QCOMPARE(maskedLog(line, without), QString("excepted"));
            QCOMPARE(maskedLog(line, with), QString(line));
        }
        QCOMPARE(maskedLog("ce hpet rating=50 mult=1 retries=3", with),
                 QString("ce hpet rating=50 mult=1 retries=N"));
        QCOMPARE(maskedLog("ce lapic rating=150 mult=268432234 retries=0", with),
                 QString("ce lapic rating=150 mult=N retries=N"));
        QCOMPARE(maskedLog("cb ce fast set_next_event 15", with), QString("excepted"));
        QCOMPARE(maskedLog("# bench: lapic handler given back", with), QString("excepted"));

        RecordedStep step;
        step.obs = QJsonObject{{"current_device", QJsonObject{{"clockevent0", "lapic"}}},
                               {"timer_list_lines", QJsonArray{"  .max_hang_time  : 1", "cpu: 0"}}};
        const QJsonObject answer{{"obs", QJsonObject{{"timer_list_lines", QJsonArray{"cpu: 0"}}}}};
        QCOMPARE(compareStep(step, answer, {}, without).excepted, std::size_t{2});
        const auto compared = compareStep(step, answer, {}, with);
        QCOMPARE(compared.differences.size(), std::size_t{1});
        QCOMPARE(compared.differences.front().field, std::string("current_device"));
    }

    void noiseOfSeveralCpusIsExcepted()
    {
        const MaskRules smp{.tickLines = true, .smp = true};
        QCOMPARE(maskedLog("tick_do_timer_cpu 1", smp), QString("excepted"));
        QCOMPARE(maskedLog("cslist v2:400:cmwhp tsc:300:cmwhp", smp),
                 QString("cslist v2:400:cmwhp tsc:300:cmhp"));
        QCOMPARE(maskedLog("cs tsc rating=300 flags=cmwhp(0x233) owner=-", smp),
                 QString("cs tsc rating=300 flags=cmhp(N) owner=-"));
        const char* const skip = "[   10.3] clocksource: Long readout interval, skipping watchdog "
                                 "check: cs_nsec: 1291080100 wd_nsec: 291079810";
        QVERIFY(!comparedDmesg(skip, smp));
        QVERIFY(comparedDmesg(skip, {}));
        QVERIFY(!comparedDmesg("[    1.0] smpboot: CPU 1 is now offline", smp));
        QVERIFY(comparedDmesg("[    1.0] clocksource: Switched to clocksource v2", smp));
    }

    void aWrongTimerOfATableIsFoundOut_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        QTest::addColumn<QString>("found");
        const auto plant = [](const char* what, const char* name, const char* folder,
                              const char* before, const char* after, const char* found) {
            QTest::newRow(what) << QString(name) << QString(folder) << QByteArray(before)
                                << QByteArray(after) << QString(found);
        };
        constexpr auto wheel = "tw01_wheel_small";
        constexpr auto two = "tw06_wheel_smp2";
        constexpr auto hrtimers = "hr01_rand_1ms";
        plant("bucket", wheel, "wheel", "\t66\t1\t4294893890", "\t67\t1\t4294893890",
              "step 6: timer 0: bucket: expected 67 got 66");
        plant("firing jiffy", wheel, "wheel", "\t4294893906\t4294893907\t0\t153",
              "\t4294893907\t4294893908\t0\t153", "step 6: timer 1: fired_jiffies: expected ");
        plant("order", wheel, "wheel", "\t0\t153\t1", "\t0\t154\t1",
              "step 6: timer 1: place in the firing order: expected ");
        plant("CPU", two, "wheel", "\t1\t1\t1\n", "\t0\t1\t1\n",
              "step 4: timer 0: fire_cpu: expected 0 got 1");
        plant("times fired", two, "wheel", "\t1\t1\t1\n", "\t1\t1\t2\n",
              "step 4: timer 0: nfire: expected 2 got 1");
        plant("hard expiry", hrtimers, "hrtimer", "\t3524850725\t", "\t3524850726\t",
              "step 4: timer 0: hard expiry: expected 3524850726 got 3524850725");
        plant("context", hrtimers, "hrtimer", "3513065688\t1\t", "3513065688\t2\t",
              "step 4: timer 1: context: expected the softirq got the interrupt");
        plant("order of hrtimers", hrtimers, "hrtimer", "3513065688\t1\t0\t3\n",
              "3513065688\t1\t0\t190\n", "step 4: base ");
    }

    void aWrongTimerOfATableIsFoundOut()
    {
        QFETCH(QString, name);
        QFETCH(QString, folder);
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        QFETCH(QString, found);
        QByteArray rows = table(folder, name);
        QVERIFY(rows.contains(before));
        rows.replace(rows.indexOf(before), before.size(), after);
        const auto ended
            = Recordings().file("x.json", recording(name)).file(name + ".tsv", rows).check();
        QVERIFY2(ended.out.startsWith(name + " failed: " + found), qPrintable(ended.out));
        QCOMPARE(ended.code, 1);
    }

    /// Its own line says so much: the times and the clock are inputs, what came of them is not.
    void aWrongAnswerOfTheWheelIsFoundOut()
    {
        for (const auto& [before, after] :
             {std::pair{"ret=0", "ret=1"}, std::pair{"bucket=14", "bucket=15"},
              std::pair{"level=0", "level=1"}, std::pair{"pending=1", "pending=0"},
              std::pair{"expires=4294894029", "expires=4294894030"}}) {
            const auto ended
                = Recordings().file("x.json", altered("tw10_ops", 22, before, after)).check();
            QVERIFY2(ended.out.startsWith("tw10_ops failed: step 22: log_a[0]: expected tw mod "),
                     qPrintable(ended.out));
        }
        const auto ended
            = Recordings().file("x.json", altered("tw10_ops", 29, "fired=", "fired=1")).check();
        QVERIFY2(ended.out.startsWith("tw10_ops failed: step 29: log_a[0]: expected tw pend "),
                 qPrintable(ended.out));
    }

    void withoutItsTableARunArmsTimersOfItsOwn()
    {
        for (const char* name : {"tw04_wheel_spread", "hr02_rand_1s"}) {
            const auto ended = Recordings().file("x.json", recording(name)).check();
            QVERIFY2(ended.out.startsWith(QString("%1 passed (").arg(name)), qPrintable(ended.out));
        }
        const auto wrong = Recordings()
                               .file("x.json", altered("hr02_rand_1s", 4, "(300 rows", "(301 rows"))
                               .check();
        QVERIFY2(wrong.out.startsWith("hr02_rand_1s failed: step 4: log_a[0]: expected (301 rows"),
                 qPrintable(wrong.out));
        for (const char* words : {"tw_rand 0 1 5 0", "tw_rand 5 1 0 0", "tw_rand 5 1 x 0", "tw mod",
                                  "tw mod 1", "tw shake 1"}) {
            const auto refused = Recordings()
                                     .file("x.json", altered("tw10_ops", 5, "tw mod 0 100", words))
                                     .check();
            QVERIFY2(refused.out.startsWith("tw10_ops failed: step 5: command: expected one that"),
                     qPrintable(refused.out));
        }
    }

    /// README.md says why. Once this fails, they belong to those that pass.
    void theRecordingsThatResistStillDo()
    {
        const auto unloaded = Recordings().file("x.json", recording("ce23_wakeup_device")).check();
        QVERIFY2(
            unloaded.out.startsWith("ce23_wakeup_device failed: step 16: fault: expected nothing "
                                    "got \"a walk of the list of clock event devices came to "),
            qPrintable(unloaded.out));
        QCOMPARE(unloaded.code, 1);
    }

    void aWrongDeviceIsFoundOut_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        QTest::addColumn<QString>("field");
        QTest::newRow("tick device")
            << QByteArray("\"clockevent0\": \"fast\"") << QByteArray("\"clockevent0\": \"hpet\"")
            << QString("current_device");
        QTest::newRow("state") << QByteArray("lapic:150:0x3:SHUTDOWN:")
                               << QByteArray("lapic:150:0x3:DETACHED:") << QString("log_a");
        QTest::newRow("callback") << QByteArray("cb ce fast cpu0 set_state_oneshot (from SHUTDOWN)")
                                  << QByteArray(
                                         "cb ce fast cpu0 set_state_periodic (from SHUTDOWN)")
                                  << QString("log_a");
        QTest::newRow("reference")
            << QByteArray("\"kscn_a\": 1") << QByteArray("\"kscn_a\": 0") << QString("modules");
        QTest::newRow("event handler")
            << QByteArray(" event_handler:  hrtimer_interrupt")
            << QByteArray(" event_handler:  tick_handle_periodic") << QString("timer_list_lines");
    }

    void aWrongDeviceIsFoundOut()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        QFETCH(QString, field);
        QByteArray recorded = recording("ce01_better_replaces");
        QVERIFY(recorded.contains(before));
        const auto ended = Recordings().file("x.json", recorded.replace(before, after)).check();
        QVERIFY2(ended.out.contains("ce01_better_replaces failed: step "), qPrintable(ended.out));
        QVERIFY2(ended.out.contains(field), qPrintable(ended.out));
        QCOMPARE(ended.code, 1);
    }

    void aCommandThatCannotBeCarriedOutFails()
    {
        const auto ended
            = Recordings()
                  .file("x.json", altered("cs01_rating_order", 3, "a cs_reg 1", "a dance 1"))
                  .check();
        QVERIFY2(ended.out.startsWith("cs01_rating_order failed: step 3: command: expected one "),
                 qPrintable(ended.out));
        QCOMPARE(ended.code, 1);
    }

    void anIncompleteRecordingPassesByItsFaultOnly()
    {
        QByteArray hung = recording("cs13_stuck");
        Recordings asIfItWentOn;
        asIfItWentOn.file("x.json", hung.replace("\"complete\": false", "\"complete\": true"));
        QVERIFY(asIfItWentOn.check().out.contains("failed: step 5: fault: expected nothing got"));

        QByteArray healthy = recording("cs02_ties");
        Recordings asIfItHung;
        asIfItHung.file("x.json", healthy.replace("\"complete\": true", "\"complete\": false"));
        QVERIFY(asIfItHung.check().out.contains(
            "failed: step 14: fault: expected a hang or an oops got nothing"));
    }

    void aRecordingWithNothingToCompareFails()
    {
        const auto ended = Recordings().file("x.json", commandsOf("cs02_ties")).check();
        QVERIFY2(ended.out.startsWith("cs02_ties failed: step 0: steps: expected something"),
                 qPrintable(ended.out));
        QCOMPARE(ended.code, 1);
    }

    void badInputIsExplained_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("sentence");
        const auto input = [](const char* what, const QByteArray& content, const char* sentence) {
            QTest::newRow(what) << content << QString(sentence);
        };
        input("no JSON", "{", "x.json: the file is not JSON at byte ");
        input("a list", "[]", "x.json: the file is a JSON list");
        input("empty", "", "x.json: the file is empty");
        input("no steps", altered("cs02_ties", 1, "\"cmd\"", "\"steps\": 5, \"kmd\""), "x.json: ");
        input("a command that is none", altered("cs02_ties", 2, "a cs_reg 0", "a @x cs_reg 0"),
              "x.json: step 2: 'a @x cs_reg 0");
    }

    void badInputIsExplained()
    {
        QFETCH(QByteArray, content);
        QFETCH(QString, sentence);
        const auto ended = Recordings().file("x.json", content).check();
        QCOMPARE(ended.code, 2);
        QCOMPARE(ended.out, QString());
        QVERIFY2(ended.err.contains(sentence), qPrintable(ended.err));
    }

    void aDirectoryWithoutScenariosIsBadInput()
    {
        QCOMPARE(Recordings().check().code, 2);
        QCOMPARE(run({"scenarios", "/nowhere"}).code, 2);
        Recordings some;
        some.file("x.json", recording("cs02_ties"));
        QCOMPARE(some.check({"--only", "y*"}).code, 2);
        QCOMPARE(some.check({"--only", "x"}).code, 0);
    }

    /// Were an answer read, a wrong one would show.
    void aReplayReadsNoAnswers()
    {
        const Ended honest = run({"replay", recordingPath("cs18_module_refs")});
        QCOMPARE(honest.code, 0);
        QByteArray lie = recording("cs18_module_refs");
        lie.replace("errno=11 EAGAIN", "ok ret=0").replace("\"rc\": 1", "\"rc\": 0");
        lie.replace("\"kscn_a\": 1", "\"kscn_a\": 7")
            .replace("\"current\": \"ownA\"", "\"current\": \"tsc\"");
        lie.replace("cb cs ownA", "cb cs none").replace("\"available\": \"", "\"available\": \"x ");
        Recordings lies;
        lies.file("x.json", lie);
        QCOMPARE(run({"replay", lies.path() + "/x.json"}).out, honest.out);
    }

    void aReplayNeedsTheCommandsOnly_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"cs01_rating_order", "cs11_skew_p790", "cs14_mark_unstable",
                                 "cs13_stuck", "cs18_module_refs"}) {
            QTest::newRow(name) << QString(name);
        }
    }

    void aReplayNeedsTheCommandsOnly()
    {
        QFETCH(QString, name);
        Recordings bare;
        bare.file("x.json", commandsOf(name));
        const Ended ended = run({"replay", bare.path() + "/x.json"});
        QCOMPARE(ended.code, 0);
        const auto answers = answersIn(ended.out);
        const QJsonArray steps = objectOf(recording(name))["steps"].toArray();
        QCOMPARE(answers.size(), steps.size());
        const MaskRules rules;
        for (qsizetype i = 0; i < steps.size(); ++i) {
            const QJsonObject recorded = steps.at(i).toObject();
            RecordedStep step;
            step.output = recorded["output"].toArray();
            if (recorded.contains("obs")) {
                step.obs = recorded["obs"].toObject();
            }
            const StepPlace place{.isFirstOfSavedMachine = i == 0,
                                  .isLastOfIncomplete = !recorded.contains("rc")};
            const auto compared = compareStep(step, answers.at(i), place, rules);
            QVERIFY2(compared.differences.empty(),
                     compared.differences.empty() ? "" : compared.differences.front().got.c_str());
        }
    }

    void aReplayEndsWhereTheModelDoes()
    {
        Recordings some;
        some.file("x.json", altered("cs01_rating_order", 3, "a cs_reg 1", "a dance 1"));
        const Ended ended = run({"replay", some.path() + "/x.json"});
        QCOMPARE(answersIn(ended.out).size(), 2);
        QVERIFY(ended.err.contains("step 3: the command 'dance' needs what this model does not"));
        QCOMPARE(ended.code, 2);
    }
};

QTEST_GUILESS_MAIN(ScenarioReplayTest)
#include "scenario_replay_test.moc"
