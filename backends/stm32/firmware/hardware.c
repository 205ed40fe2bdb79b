// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/stm32/firmware/hardware.h"

#include "backends/stm32/firmware/registers.h"
#include "backends/stm32/protocol/protocol.h"

enum
{
    ReceiveCapacity = 1024
}; // a power of two: its positions wrap with their own type

// Written by an interrupt, read outside it. A position counts all bytes that ever passed it.
static volatile uint8_t received[ReceiveCapacity];
static volatile uint32_t receivedEnd;
static volatile uint32_t overruns;
static uint32_t receivedStart;

static volatile bool hasFired;
static volatile uint32_t firedAt;

void startCounter(void)
{
    RCC_APB1ENR |= RCC_APB1ENR_TIM2;
    (void)RCC_APB1ENR; // the clock is there two cycles later (RM0090, RCC)
    TIM2_PSC = COUNTER_PRESCALER - 1;
    TIM2_EGR = TIM_EGR_UG;
    TIM2_CR1 = TIM_CR1_CEN;
}

uint32_t readCounter(void)
{
    return TIM2_CNT;
}

// PA9 sends and PA10 receives, both as alternate function 7.
static void connectPins(void)
{
    RCC_AHB1ENR |= RCC_AHB1ENR_GPIOA;
    (void)RCC_AHB1ENR;
    GPIOA_AFRH = (GPIOA_AFRH & ~0xff0u) | 0x770u;
    GPIOA_MODER = (GPIOA_MODER & ~(0xfu << 18)) | 0xau << 18;
    // A line that nobody drives must read as idle.
    GPIOA_PUPDR = (GPIOA_PUPDR & ~(0x3u << 20)) | 0x1u << 20;
}

void startSerial(void)
{
    connectPins();
    RCC_APB2ENR |= RCC_APB2ENR_USART1;
    (void)RCC_APB2ENR;
    USART1_BRR = CORE_HZ / TsBaud;
    USART1_CR1 = USART_CR1_UE | USART_CR1_TE | USART_CR1_RE | USART_CR1_RXNEIE;
    NVIC_ISER1 = BIT(USART1_INTERRUPT - 32u);
}

void onSerial(void)
{
    const uint32_t status = USART1_SR;
    if ((status & (USART_SR_RXNE | USART_SR_ORE)) == 0) {
        return;
    }
    const uint8_t byte = (uint8_t)USART1_DR; // clears both, after SR was read
    const bool isFull = receivedEnd - receivedStart == ReceiveCapacity;
    overruns += ((status & USART_SR_ORE) != 0 ? 1u : 0u) + (isFull ? 1u : 0u);
    if ((status & USART_SR_RXNE) != 0 && !isFull) {
        received[receivedEnd % ReceiveCapacity] = byte;
        receivedEnd = receivedEnd + 1;
    }
}

bool takeByte(uint8_t* byte)
{
    if (receivedStart == receivedEnd) {
        return false;
    }
    *byte = received[receivedStart % ReceiveCapacity];
    receivedStart = receivedStart + 1;
    return true;
}

uint32_t serialOverruns(void)
{
    return overruns;
}

// By polling: QEMU 7.2 raises no interrupt for an empty transmitter.
void sendByte(uint8_t byte)
{
    while ((USART1_SR & USART_SR_TXE) == 0) { }
    USART1_DR = byte;
}

void disarmEvent(void)
{
    SYST_CSR = 0;
    SCB_ICSR = SCB_ICSR_PENDSTCLR;
    hasFired = false;
}

uint32_t armEvent(uint32_t ticks)
{
    disarmEvent();
    const uint32_t start = readCounter();
    // The first tick only loads the timer, and may come at once: it is not counted.
    SYST_RVR = ticks;
    SYST_CVR = 0;
    SYST_CSR = SYST_CSR_ENABLE | SYST_CSR_TICKINT;
    return start;
}

void onEvent(void)
{
    firedAt = readCounter();
    SYST_CSR = 0;
    hasFired = true;
}

bool takeEvent(uint32_t* counter)
{
    if (!hasFired) {
        return false;
    }
    // The timer stands still since it fired: nobody writes these now.
    *counter = firedAt;
    hasFired = false;
    return true;
}

void sleepUntilInterrupt(void)
{
    // With interrupts masked one that comes between the look and the sleep still ends the sleep.
    __asm volatile("cpsid i" ::: "memory");
    if (receivedStart == receivedEnd && !hasFired) {
        __asm volatile("wfi" ::: "memory");
    }
    __asm volatile("cpsie i" ::: "memory");
}
