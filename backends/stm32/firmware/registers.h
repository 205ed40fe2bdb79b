// SPDX-License-Identifier: GPL-3.0-or-later
//! The registers that the firmware touches, by the names of ST's reference manual RM0090 and, for
//! the core's own, of the ARMv7-M architecture manual.
#pragma once

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define BIT(n) (1u << (n))

#define RCC_AHB1ENR REGISTER(0x40023830)
#define RCC_AHB1ENR_GPIOA BIT(0)
#define RCC_APB1ENR REGISTER(0x40023840)
#define RCC_APB1ENR_TIM2 BIT(0)
#define RCC_APB2ENR REGISTER(0x40023844)
#define RCC_APB2ENR_USART1 BIT(4)

#define TIM2_CR1 REGISTER(0x40000000)
#define TIM_CR1_CEN BIT(0)
#define TIM2_EGR REGISTER(0x40000014)
#define TIM_EGR_UG BIT(0)
#define TIM2_CNT REGISTER(0x40000024)
#define TIM2_PSC REGISTER(0x40000028)

#define GPIOA_MODER REGISTER(0x40020000)
#define GPIOA_PUPDR REGISTER(0x4002000c)
#define GPIOA_AFRH REGISTER(0x40020024)

#define USART1_SR REGISTER(0x40011000)
#define USART_SR_ORE BIT(3)
#define USART_SR_RXNE BIT(5)
#define USART_SR_TXE BIT(7)
#define USART1_DR REGISTER(0x40011004)
#define USART1_BRR REGISTER(0x40011008)
#define USART1_CR1 REGISTER(0x4001100c)
#define USART_CR1_RE BIT(2)
#define USART_CR1_TE BIT(3)
#define USART_CR1_RXNEIE BIT(5)
#define USART_CR1_UE BIT(13)
#define USART1_INTERRUPT 37u

#define SYST_CSR REGISTER(0xe000e010)
#define SYST_CSR_ENABLE BIT(0)
#define SYST_CSR_TICKINT BIT(1)
#define SYST_RVR REGISTER(0xe000e014)
#define SYST_CVR REGISTER(0xe000e018)
#define NVIC_ISER1 REGISTER(0xe000e104)
#define SCB_ICSR REGISTER(0xe000ed04)
#define SCB_ICSR_PENDSTCLR BIT(25)
#define SCB_VTOR REGISTER(0xe000ed08)
