// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/session.h"

#include "app/session/pace.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

namespace timerscope {

namespace {

using World = Pace::World;
constexpr Ns frame{nsPerSecond / 60};
constexpr Ns observerPeriod{nsPerSecond / 5}; // a live kernel is looked at this often

/// What a public function asks of the session's thread; obeyed in the order they came.
struct Command
{
    enum class Kind : std::uint8_t
    {
        Play,
        Pause,
        Step,
        RunUntil,
        SetSpeed,
        Release,
    };
    Kind kind{};
    TraceInstant limit; ///< of RunUntil
    Speed speed; ///< of SetSpeed
    std::shared_ptr<std::promise<void>> done; ///< of Release
};

} // namespace

struct Session::Impl
{
    Impl(Source& origin, std::function<void()> callback);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void ask(const Command& command);

    void run();
    [[nodiscard]] bool obeyNext();
    void obey(const Command& command);
    void playPaced();
    void playUnpaced(TraceInstant until);
    void stepOnce();
    void release();
    void playOnePiece();
    void advanceTo(TraceInstant due);
    void observe();
    void rideAlong();
    void take(const Result<Progress>& progress);
    void settle(PlayState next);
    void publish();
    [[nodiscard]] bool isOver() const;
    [[nodiscard]] bool isDue() const { return World::now() - published >= frame; }
    void waitFor(Ns span);

    Source& source;
    std::function<void()> changed;
    const SourceKind kind;

    std::mutex commandLock;
    std::condition_variable commandCame;
    std::deque<Command> commands;
    bool quit = false;

    mutable std::mutex viewLock; // held for a copy of SessionView only
    SessionView view;

    // Owned by the session's thread.
    PlayState state = PlayState::Paused;
    Speed speed;
    std::optional<Error> error;
    TraceInstant reached;
    TraceInstant limit = never<TraceClock>; // of runUntil
    bool paced = true;
    Pace pace;
    Slice slice;
    World::time_point published;

    std::thread thread; // last: everything it uses exists before it starts
};

Session::Impl::Impl(Source& origin, std::function<void()> callback)
    : source(origin)
    , changed(std::move(callback))
    , kind(origin.info().kind)
    , view{.snapshot = origin.snapshot(), .state = {}, .speed = {}, .error = {}}
    , reached(view.snapshot->at)
    , thread([this] { run(); })
{
}

Session::Impl::~Impl()
{
    {
        const std::scoped_lock guard(commandLock);
        quit = true;
    }
    commandCame.notify_one();
    thread.join();
}

void Session::Impl::ask(const Command& command)
{
    {
        const std::scoped_lock guard(commandLock);
        commands.push_back(command);
    }
    commandCame.notify_one();
}

void Session::Impl::run()
{
    while (obeyNext()) {
        if (state == PlayState::Playing) {
            playOnePiece();
        }
    }
}

/// Sleeps while there is nothing to do; while playing it only looks. False: the session is over.
bool Session::Impl::obeyNext()
{
    std::unique_lock guard(commandLock);
    if (state != PlayState::Playing) {
        commandCame.wait(guard, [this] { return quit || !commands.empty(); });
    }
    if (quit) {
        return false;
    }
    if (!commands.empty()) {
        const Command next = commands.front();
        commands.pop_front();
        guard.unlock();
        obey(next);
    }
    return true;
}

void Session::Impl::obey(const Command& command)
{
    using enum Command::Kind;
    if (command.kind == SetSpeed) {
        speed = command.speed;
        pace.anchor(World::now(), reached, speed);
        publish();
    } else if (command.kind == Release) {
        release();
        command.done->set_value();
    } else if (isOver()) {
        return; // nothing moves an ended or failed source
    } else if (command.kind == Play) {
        playPaced();
    } else if (command.kind == Pause) {
        settle(PlayState::Paused);
    } else if (command.kind == Step) {
        stepOnce();
    } else if (command.kind == RunUntil) {
        playUnpaced(command.limit);
    }
}

void Session::Impl::playPaced()
{
    limit = never<TraceClock>;
    paced = true;
    pace.anchor(World::now(), reached, speed);
    settle(PlayState::Playing);
}

void Session::Impl::playUnpaced(TraceInstant until)
{
    limit = until;
    paced = false;
    settle(PlayState::Playing);
}

void Session::Impl::stepOnce()
{
    state = PlayState::Paused;
    take(source.step());
    publish();
}

void Session::Impl::release()
{
    source.release();
    if (!isOver()) {
        error = Error{.code = ErrorCode::DeviceLost,
                      .what = source.info().title + " was given back, to be opened again"};
        settle(PlayState::Failed);
    }
}

/// A short piece of playing: never longer than a slice of work or a frame of waiting.
void Session::Impl::playOnePiece()
{
    if (kind == SourceKind::LiveKernel) {
        observe();
        return;
    }
    if (keepsWorldTime(kind)) {
        rideAlong();
        return;
    }
    const TraceInstant due = std::min(paced ? pace.dueAt(World::now()) : never<TraceClock>, limit);
    if (due > reached) {
        advanceTo(due);
    } else if (reached >= limit) {
        settle(PlayState::Paused);
        return;
    } else {
        waitFor(frame);
    }
    if (state == PlayState::Playing && isDue()) {
        publish();
    }
}

void Session::Impl::advanceTo(TraceInstant due)
{
    const TraceInstant end = std::min(due, addSaturating(reached, slice.length()));
    const bool caughtUp = end == due && paced && due != limit;
    const World::time_point before = World::now();
    take(source.advance(end));
    const Ns cost = World::now() - before;
    reached = std::max(reached, end);
    if (state != PlayState::Playing) {
        publish();
    } else if (caughtUp) {
        waitFor(frame - std::min(cost, frame));
    } else {
        slice.took(cost);
    }
}

/// An observer is polled: it has no time of its own to run through.
void Session::Impl::observe()
{
    take(source.advance(never<TraceClock>));
    publish();
    if (state == PlayState::Playing) {
        waitFor(observerPeriod);
    }
}

/// Real hardware: the source itself waits, so that an interrupt is served when it comes. What came
/// while paused is late, as on a machine that a debugger had stopped.
void Session::Impl::rideAlong()
{
    take(source.advance(std::min(limit, addSaturating(reached, frame))));
    publish();
    if (state == PlayState::Playing && reached >= limit) {
        settle(PlayState::Paused);
    }
}

void Session::Impl::take(const Result<Progress>& progress)
{
    if (!progress) {
        error = progress.error();
        state = PlayState::Failed;
    } else if (*progress == Progress::Ended) {
        state = PlayState::Ended;
    }
}

void Session::Impl::settle(PlayState next)
{
    if (state != next) {
        state = next;
        publish();
    }
}

void Session::Impl::publish()
{
    SessionView next{.snapshot = source.snapshot(), .state = state, .speed = speed, .error = error};
    reached = std::max(reached, next.snapshot->at);
    published = World::now();
    {
        const std::scoped_lock guard(viewLock);
        std::swap(view, next); // the old snapshot is freed after the lock is released
    }
    changed();
}

bool Session::Impl::isOver() const
{
    return state == PlayState::Ended || state == PlayState::Failed;
}

void Session::Impl::waitFor(Ns span)
{
    std::unique_lock guard(commandLock);
    commandCame.wait_for(guard, span, [this] { return quit || !commands.empty(); });
}

Session::Session(std::unique_ptr<Source> source, std::function<void()> changed)
    : m_source(std::move(source))
    , m_info(m_source->info())
    , m_impl(std::make_unique<Impl>(*m_source, std::move(changed)))
{
}

Session::~Session() = default;

void Session::play()
{
    m_impl->ask({.kind = Command::Kind::Play, .limit = {}, .speed = {}, .done = {}});
}

void Session::pause()
{
    m_impl->ask({.kind = Command::Kind::Pause, .limit = {}, .speed = {}, .done = {}});
}

void Session::step()
{
    m_impl->ask({.kind = Command::Kind::Step, .limit = {}, .speed = {}, .done = {}});
}

void Session::runUntil(TraceInstant limit)
{
    m_impl->ask({.kind = Command::Kind::RunUntil, .limit = limit, .speed = {}, .done = {}});
}

void Session::setSpeed(Speed speed)
{
    m_impl->ask({.kind = Command::Kind::SetSpeed, .limit = {}, .speed = speed, .done = {}});
}

void Session::release()
{
    auto done = std::make_shared<std::promise<void>>();
    const std::future<void> released = done->get_future();
    m_impl->ask(
        {.kind = Command::Kind::Release, .limit = {}, .speed = {}, .done = std::move(done)});
    released.wait();
}

SessionView Session::view() const
{
    const std::scoped_lock guard(m_impl->viewLock);
    return m_impl->view;
}

} // namespace timerscope
