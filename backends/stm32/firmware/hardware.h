// SPDX-License-Identifier: GPL-3.0-or-later
//! The three parts of the chip that the firmware stands on: TIM2 counts, SysTick fires, USART1
//! talks. Nothing else is used, so nothing else can be in the way.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// The one difference between the two builds: what the clocks run at.
#ifdef TIMERSCOPE_QEMU
#define CHIP_NAME "STM32F405 in QEMU"
// QEMU 7.2 counts TIM2 at 1 GHz / (PSC + 1), whatever the clock tree says.
#define COUNTER_PRESCALER 20u
#define COUNTER_HZ (1000000000u / COUNTER_PRESCALER)
#define CORE_HZ 168000000u
#else
#define CHIP_NAME "STM32F405"
// On the internal oscillator, which runs after reset: no crystal needed, 1 % accurate.
#define COUNTER_PRESCALER 1u
#define CORE_HZ 16000000u
#define COUNTER_HZ (CORE_HZ / COUNTER_PRESCALER)
#endif
#define COUNTER_BITS 32u

// SysTick takes an eighth of the core's clock: eight times the reach of its 24 bits.
#define EVENT_HZ (CORE_HZ / 8u)
#define EVENT_MAX_TICKS 0xffffffu
// About a microsecond: the time in which an interrupt is taken.
#define EVENT_MIN_TICKS (EVENT_HZ / 1000000u + 1u)

/// Clock and prescaler of the counter. The very first thing after reset, and never again: QEMU's
/// TIM2 takes a later change of PSC or UG for a jump of its alarm and may never return from it.
void startCounter(void);
/// Pins and port, at TsBaud; received bytes are kept by interrupt from then on.
void startSerial(void);

uint32_t readCounter(void);

/// Sends one byte; waits until the port takes it.
void sendByte(uint8_t byte);
/// False when none is there.
bool takeByte(uint8_t* byte);
/// Bytes that were lost because nobody took those before them.
uint32_t serialOverruns(void);

/// Starts the event timer in place of what it was doing, and returns the counter just before. It
/// fires once, @p ticks or up to a tick more later, never less.
uint32_t armEvent(uint32_t ticks);
void disarmEvent(void);
/// True once for each time that the event timer fired; @p counter: what the counter showed then.
bool takeEvent(uint32_t* counter);

/// Sleeps until an interrupt, unless bytes or an event wait already.
void sleepUntilInterrupt(void);

/// Interrupt handlers, for the vector table.
void onSerial(void);
void onEvent(void);
