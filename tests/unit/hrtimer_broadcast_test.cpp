// SPDX-License-Identifier: GPL-3.0-or-later
//! The hrtimer that broadcasts, as a device by itself.
#include "engine/tick/hrtimer_broadcast.h"

#include <QTest>

#include <vector>

using namespace timerscope;

namespace {

constexpr std::uint32_t timerId = 7;
constexpr MonotonicInstant soon{std::chrono::microseconds{100}};

/// A CPU whose hrtimers program whatever device it has.
class Bench : public TraceTime
{
public:
    Bench()
        : m_tracer(m_log, *this, 0)
        , m_hrtimers(m_host, m_tracer)
        , m_broadcast({.currentCpu = [] { return 0U; },
                       .hrtimersOf = [this](unsigned) -> HrtimerCpuBase& { return m_hrtimers; },
                       .lockedUp = [this] { ++lockUps; },
                       .possibleCpus = 1},
                      timerId, m_tracer)
    {
        m_hrtimers.activateHres();
        static_cast<void>(device().switchState(ClockEventState::Oneshot));
    }

    [[nodiscard]] ClockEventDevice& device() { return m_broadcast.device(); }
    [[nodiscard]] const std::vector<MonotonicInstant>& programmed() const
    {
        return m_host.programmed;
    }
    /// From now on the CPU has no other device than the one that broadcasts.
    void makeItTheTickDevice() { m_host.tickDevice = &device(); }
    [[nodiscard]] TraceInstant traceNow() const override { return {}; }

    int lockUps = 0;

private:
    struct Host final : HrtimerHost
    {
        [[nodiscard]] MonotonicInstant monotonicNow() override { return {}; }
        [[nodiscard]] Ns clockOffset(HrtimerClock /*clock*/) override { return {}; }
        Errno programTickDevice(MonotonicInstant expires, bool force) override
        {
            programmed.push_back(expires);
            return tickDevice != nullptr ? tickDevice->program(expires, {}, force) : Errno::Ok;
        }
        void tickDeviceFired() override { }
        void raiseHrtimerSoftirq() override { }
        void spendCallback() override { }

        std::vector<MonotonicInstant> programmed;
        ClockEventDevice* tickDevice = nullptr;
    };

    TraceLog m_log;
    Tracer m_tracer;
    Host m_host;
    HrtimerCpuBase m_hrtimers;
    HrtimerBroadcast m_broadcast;
};

} // namespace

class HrtimerBroadcastTest : public QObject
{
    Q_OBJECT
private slots:
    void programmingItStartsItsTimer();
    void asTheTickDeviceItLocksUp();
};

void HrtimerBroadcastTest::programmingItStartsItsTimer()
{
    Bench bench;
    QCOMPARE(bench.device().program(soon, {}, false), Errno::Ok);
    QCOMPARE(bench.programmed(), std::vector{soon});
    QCOMPARE(bench.lockUps, 0);
}

void HrtimerBroadcastTest::asTheTickDeviceItLocksUp()
{
    Bench bench;
    bench.makeItTheTickDevice();
    QCOMPARE(bench.device().program(soon, {}, false), Errno::Ok);
    QCOMPARE(bench.lockUps, 1);
}

QTEST_GUILESS_MAIN(HrtimerBroadcastTest)
#include "hrtimer_broadcast_test.moc"
