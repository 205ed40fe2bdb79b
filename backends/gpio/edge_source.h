// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace timerscope {

enum class EdgeKind : std::uint8_t
{
    Rising,
    Falling,
};

/// Which edges are asked for.
enum class EdgeChoice : std::uint8_t
{
    Rising,
    Falling,
    Both,
};

/// An edge as the kernel hands it out.
struct KernelEdge
{
    EdgeKind kind = EdgeKind::Rising;
    Ns stamp{}; ///< taken in the interrupt; of which clock, the kernel does not say
};

/// The edges of one line, from wherever they come. Threading: one thread makes all the calls.
class EdgeSource
{
public:
    virtual ~EdgeSource() = default;

    /// One line for a person: `line 3 "button" of gpiochip0 (pl061)`.
    [[nodiscard]] virtual std::string identity() const = 0;
    /// How many edges wait in the kernel at most; what comes when it is full is dropped there.
    [[nodiscard]] virtual std::size_t queueLength() const = 0;
    /// Waits for an edge until @p limit has passed or a signal comes; whether there is one.
    /// Errors: DeviceLost.
    [[nodiscard]] virtual Result<bool> wait(Ns limit) = 0;
    /// What is queued, oldest first; only after wait() said that there is something.
    /// Errors: DeviceLost.
    [[nodiscard]] virtual Result<std::vector<KernelEdge>> read() = 0;

protected:
    EdgeSource() = default;
    EdgeSource(const EdgeSource&) = default;
    EdgeSource& operator=(const EdgeSource&) = default;
};

/// Asks the kernel for the edges of a line, through libgpiod.
///
/// @p chip: name, number, label or path of a chip. @p line: number or name on that chip. A line
/// that is an output is refused: asking for its edges would turn it into an input.
///
/// Errors: Unavailable when there is no chip, it is closed to this user, the line is in use or
/// raises no interrupts; NotFound for an unknown chip or line; InvalidArgument for an output.
[[nodiscard]] Result<std::unique_ptr<EdgeSource>>
openEdgeSource(std::string_view chip, std::string_view line, EdgeChoice choice);

} // namespace timerscope
