# SPDX-License-Identifier: GPL-3.0-or-later
"""The house plan as data: which rooms there are, and what each may include.

A room is a folder; the longest name that a path starts with is the room it belongs to. A file may
always include its own room. Arrows run down these tables only: a room never names one above it.
"""

# Each engine component follows the calls of its counterpart in kernel/time.
ENGINE = {
    "engine/base": (),
    "engine/trace": ("engine/base",),
    "engine/why": ("engine/base", "engine/trace"),
    "engine/port": ("engine/base", "engine/trace"),
    "engine/module": ("engine/base", "engine/trace"),
    # Timekeeping and the tick layer hold the modules of what they use.
    "engine/clocksource": ("engine/base", "engine/trace", "engine/port", "engine/module"),
    "engine/timekeeping": (
        "engine/base", "engine/trace", "engine/port", "engine/module", "engine/clocksource",
    ),
    # Time is handed to it: the core of clock events knows neither timekeeper nor tick.
    "engine/clockevents": ("engine/base", "engine/trace", "engine/port", "engine/module"),
    "engine/hrtimer": ("engine/base", "engine/trace", "engine/timekeeping", "engine/clockevents"),
    "engine/timer": ("engine/base", "engine/trace"),
    "engine/posix": ("engine/base", "engine/trace", "engine/timekeeping", "engine/hrtimer"),
    # What the tick does for the tasks: run queues, the load, irq_work.
    "engine/sched": ("engine/base", "engine/trace", "engine/timekeeping", "engine/posix"),
    "engine/tick": (
        "engine/base", "engine/trace", "engine/port", "engine/clocksource", "engine/timekeeping",
        "engine/clockevents", "engine/hrtimer", "engine/timer", "engine/sched", "engine/module",
    ),
    "engine/machine": (
        "engine/base", "engine/trace", "engine/why", "engine/port", "engine/clocksource",
        "engine/timekeeping", "engine/clockevents", "engine/hrtimer", "engine/timer",
        "engine/posix", "engine/sched", "engine/tick", "engine/module",
    ),
    "engine/procfs": ("engine/base", "engine/trace"),
    # A step carries what it asks of the machine: a fault of the hardware, an adjtimex(2), a task.
    "engine/scenario": (
        "engine/base", "engine/trace", "engine/port", "engine/timekeeping", "engine/posix",
        "engine/machine",
    ),
}

# A backend knows the engine's interfaces: never the machine, another backend or app/.
BACKEND_MAY = ("engine/base", "engine/trace", "engine/port")
BACKENDS = {
    f"backends/{name}": BACKEND_MAY
    for name in ("simulated", "host", "stm32", "mmio", "gpio", "linux", "tracefile")
}

# What every face may read: values that a snapshot, a record or a sentence is made of.
FACE = ("engine/base", "engine/trace", "engine/port", "engine/why", "engine/procfs")
APP = {
    "app/session": (*ENGINE, *BACKENDS),
    "app/export": ("engine/base", "engine/trace"),
    "app/models": (*FACE, "app/session"),
    # The screens of the terminal show what the window shows, from the same models.
    "app/terminal/screens": (*FACE, "app/session", "app/models"),
    "app/terminal": (*FACE, "app/session", "app/export", "app/terminal/screens"),
    # Views never reach past models: no session, no source, no exporter.
    "app/views": ("engine/base", "engine/trace", "engine/why", "app/models"),
    "app/main": (*FACE, "app/session", "app/export", "app/models", "app/views"),
}

MAY_INCLUDE = {**ENGINE, **BACKENDS, **APP}
MAY_INCLUDE["tests"] = tuple(MAY_INCLUDE)

# Rooms that may include Qt, and how much of it.
QT_ALL = ("app/models", "app/views", "app/main", "tests")
QT_CORE_ONLY = ("backends/stm32", "backends/gpio", "backends/mmio", "app/terminal/screens")
QT_CORE_NAMES = (
    r"(QtCore|QtSerialPort|QSerialPort)\b"
    r"|Q(AbstractItemModel|ByteArray|CoreApplication|ElapsedTimer|EventLoop|IODevice|Object"
    r"|SocketNotifier|String|Thread|Timer)"
)

TOML_ROOMS = ("engine/scenario", "tests")

# engine/ is pure: the host's clock, threads, files and environment stay outside.
ENGINE_LIBRARIES = ("tl/", "fmt/", "boost/")
ENGINE_FORBIDDEN_HEADERS = frozenset((
    "fstream", "iostream", "filesystem", "cstdio", "syncstream", "print", "spanstream",
    "thread", "mutex", "shared_mutex", "condition_variable", "future", "stop_token", "semaphore",
    "latch", "barrier", "ctime", "random", "locale", "clocale", "csignal", "execution",
    "memory_resource", "fmt/os.h", "fmt/std.h",
))
# Broken invariants have to be said somewhere before the program stops.
ENGINE_HEADER_EXCEPTIONS = {"engine/base/invariant.cpp": frozenset(("cstdio",))}
ENGINE_FORBIDDEN_WORDS = {
    r"system_clock|steady_clock|high_resolution_clock|utc_clock|tai_clock|file_clock":
        "the host's clock",
    r"clock_gettime|gettimeofday|timespec_get|localtime|gmtime": "the host's clock",
    r"random_device|rand|srand": "the host's randomness",
    r"getenv|secure_getenv|setenv": "the environment",
    r"this_thread|jthread|pthread_\w+|thread_local": "threads",
    r"cout|cerr|clog|cin|fopen|ifstream|ofstream|fstream": "files and streams",
}
# Time is whole nanoseconds and cycles; only statistics and text for people may use fractions.
FLOAT_ROOMS = ("engine/scenario", "engine/why", "engine/procfs")
FLOAT_FILES = r"statistic"
