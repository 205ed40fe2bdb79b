// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal/program.h"

int main(int argc, char** argv)
{
    return timerscope::terminal::runProgram(argc, argv);
}
