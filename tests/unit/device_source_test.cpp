// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/device_source.h"
#include "app/session/session.h"
#include "tests/support/fake_block.h"

#include <QTest>

#include <algorithm>
#include <thread>

using namespace timerscope;
using std::chrono::milliseconds;
using timerscope::test::FakeBlock;

namespace {

struct Opened
{
    FakeBlock* block = nullptr;
    std::unique_ptr<Source> source;
};

Opened open(bool canStream, bool hasChannel)
{
    std::vector<EventChannelInfo> channels;
    if (hasChannel) {
        channels.push_back({.name = "fake-channel",
                            .rate = Hertz{1'000'000},
                            .features = clock_event_feature::oneshot});
    }
    auto block = std::make_unique<FakeBlock>(std::move(channels), canStream);
    AttachedDevice device;
    device.description.name = "fake";
    CounterDescription& counter = device.description.counters.emplace_back();
    counter.name = "fake-counter";
    counter.rate = Hertz{1'000'000};
    counter.rating = 300;
    Opened opened{.block = block.get(), .source = nullptr};
    device.block = std::move(block);
    opened.source = std::move(*openDevice(std::move(device), "fake:"));
    return opened;
}

TraceInstant after(milliseconds span)
{
    return TraceInstant{span};
}

std::vector<TraceRecord> recordsOf(const Source& source, RecordKind kind)
{
    std::vector<TraceRecord> records;
    for (std::size_t i = 0; i < source.log().size(); ++i) {
        if (source.log()[i].kind == kind) {
            records.push_back(source.log()[i]);
        }
    }
    return records;
}

bool hasNotice(Source& source, std::string_view part)
{
    const SnapshotPtr now = source.snapshot();
    return std::ranges::any_of(now->notices, [part](const Notice& notice) {
        return notice.text.find(part) != std::string::npos;
    });
}

} // namespace

class DeviceSourceTest : public QObject
{
    Q_OBJECT
private slots:
    void aStreamedCounterIsLoggedAsItComes();
    void gapsAreLoggedAndSaid();
    void aCounterThatCannotStreamIsRead();
    void aOneshotIsArmedAndItsFireLogged();
    void timesNeverGoBack();
    void rateIsToldOnceItWasMeasured();
    void lossEndsTheWatchAtOnce();
    void aSessionPlaysItAtThePaceOfTheWorld();
};

void DeviceSourceTest::aStreamedCounterIsLoggedAsItComes()
{
    const Opened opened = open(true, false);
    opened.block->sample(Cycles{1000});
    opened.block->sample(Cycles{2000});
    QVERIFY(opened.source->advance({}));
    const auto samples = recordsOf(*opened.source, RecordKind::CounterSample);
    QCOMPARE(samples.size(), 2U);
    QCOMPARE(samples[1].a, 2000);
    QCOMPARE(opened.source->log().string(samples[1].subject), std::string_view("fake-counter"));
    QCOMPARE(opened.source->snapshot()->clocksources.at(0).rating, 300);
}

void DeviceSourceTest::gapsAreLoggedAndSaid()
{
    const Opened opened = open(true, false);
    opened.block->sample(Cycles{1000}, 7);
    QVERIFY(opened.source->advance({}));
    const auto losses = recordsOf(*opened.source, RecordKind::DataLoss);
    QCOMPARE(losses.size(), 1U);
    QCOMPARE(losses[0].a, 7);
    QVERIFY(hasNotice(*opened.source, "7 messages of fake were lost"));
}

void DeviceSourceTest::aCounterThatCannotStreamIsRead()
{
    const Opened opened = open(false, false);
    QVERIFY(opened.source->advance(after(milliseconds(200))));
    const auto samples = recordsOf(*opened.source, RecordKind::CounterSample);
    QVERIFY2(samples.size() >= 5, "every 10 ms, if this computer has time");
    QVERIFY(samples.size() <= 22);
    QVERIFY(std::ranges::is_sorted(samples, {}, &TraceRecord::a));
}

void DeviceSourceTest::aOneshotIsArmedAndItsFireLogged()
{
    const Opened opened = open(true, true);
    QVERIFY(opened.source->advance({}));
    QCOMPARE(opened.block->programmed(), 5000U); // 5 ms at 1 MHz
    opened.block->fire(0, Cycles{5017});
    QVERIFY(opened.source->advance({}));
    const auto fires = recordsOf(*opened.source, RecordKind::ChannelFired);
    QCOMPARE(fires.size(), 1U);
    QCOMPARE(fires[0].a, 5000);
    QCOMPARE(fires[0].b, 5017);
    QCOMPARE(fires[0].flags, fired_flag::stamped);
}

void DeviceSourceTest::timesNeverGoBack()
{
    const Opened opened = open(false, true);
    std::thread device([&] {
        for (int i = 0; i < 2000; ++i) {
            opened.block->fire(0);
        }
    });
    const auto advanced = opened.source->advance(after(milliseconds(60)));
    device.join();
    QVERIFY(advanced);
    const TraceLog& log = opened.source->log();
    for (std::size_t i = 1; i < log.size(); ++i) {
        QVERIFY(log[i - 1].at <= log[i].at);
    }
}

void DeviceSourceTest::rateIsToldOnceItWasMeasured()
{
    const Opened opened = open(false, false);
    QVERIFY(hasNotice(*opened.source, "a fake, firmware 1"));
    QVERIFY(!hasNotice(*opened.source, "ppm"));
    QVERIFY(opened.source->advance(after(milliseconds(2200))));
    QVERIFY(hasNotice(*opened.source, "ppm from its rate of 1000000 Hz"));
}

void DeviceSourceTest::lossEndsTheWatchAtOnce()
{
    const Opened opened = open(true, false);
    std::thread device([&] {
        std::this_thread::sleep_for(milliseconds(20));
        opened.block->lose();
    });
    const auto advanced = opened.source->advance(after(milliseconds(20'000)));
    device.join();
    QVERIFY(!advanced);
    QCOMPARE(advanced.error().code, ErrorCode::DeviceLost);
    QVERIFY(opened.source->snapshot()->at < after(milliseconds(10'000)));
}

void DeviceSourceTest::aSessionPlaysItAtThePaceOfTheWorld()
{
    Opened opened = open(true, false);
    FakeBlock* const block = opened.block;
    Session session(std::move(opened.source), [] { });
    session.play();
    block->sample(Cycles{1});
    QTRY_VERIFY(session.view().snapshot->records >= 1);
    QVERIFY(session.view().state == PlayState::Playing);
    block->lose();
    QTRY_VERIFY(session.view().state == PlayState::Failed);
    QCOMPARE(session.view().error->what, std::string("the fake is gone"));
}

QTEST_GUILESS_MAIN(DeviceSourceTest)
#include "device_source_test.moc"
