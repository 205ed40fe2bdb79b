// SPDX-License-Identifier: GPL-3.0-or-later
// From reset to main(), and the vector table that the core starts by.
#include "backends/stm32/firmware/hardware.h"
#include "backends/stm32/firmware/registers.h"

#include <stddef.h>

// Set by the linker script.
extern uint32_t stackTop[];
extern uint32_t dataStart[];
extern uint32_t dataEnd[];
extern const uint32_t dataImage[];
extern uint32_t bssStart[];
extern uint32_t bssEnd[];

int main(void);

// The compiler calls these of its own accord, even without a C library; the attribute keeps it from
// making them of calls to themselves.
__attribute__((optimize("no-tree-loop-distribute-patterns"))) void* memset(void* to, int value,
                                                                           size_t size)
{
    unsigned char* bytes = to;
    for (size_t i = 0; i < size; ++i) {
        bytes[i] = (unsigned char)value;
    }
    return to;
}

__attribute__((optimize("no-tree-loop-distribute-patterns"))) void*
memcpy(void* restrict to, const void* restrict from, size_t size)
{
    unsigned char* out = to;
    const unsigned char* in = from;
    for (size_t i = 0; i < size; ++i) {
        out[i] = in[i];
    }
    return to;
}

void onReset(void); // the linker script names it

// A fault, or an interrupt that nobody asked for: silence, which the other side notices.
static void onUnexpected(void)
{
    for (;;) { }
}

enum
{
    CoreVectors = 16
};

__attribute__((section(".vectors"),
               used)) static const uintptr_t vectors[CoreVectors + USART1_INTERRUPT + 1]
    = {
        [0] = (uintptr_t)stackTop,
        [1] = (uintptr_t)onReset,
        [2 ... 14] = (uintptr_t)onUnexpected,
        [15] = (uintptr_t)onEvent,
        [16 ... CoreVectors + USART1_INTERRUPT - 1] = (uintptr_t)onUnexpected,
        [CoreVectors + USART1_INTERRUPT] = (uintptr_t)onSerial,
};

void onReset(void)
{
    startCounter();
    // A boot loader may have left its own there.
    SCB_VTOR = (uint32_t)vectors;
    const uint32_t* image = dataImage;
    for (uint32_t* word = dataStart; word < dataEnd; ++word) {
        *word = *image++;
    }
    for (uint32_t* word = bssStart; word < bssEnd; ++word) {
        *word = 0;
    }
    main();
}
