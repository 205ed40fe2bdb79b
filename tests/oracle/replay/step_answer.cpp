// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/oracle/replay/step_answer.h"

#include "tests/oracle/row_reader.h"

namespace timerscope::oracle {

QJsonObject StepAnswer::toJson() const
{
    QJsonObject object{{"n", oracle::number(this->number)}, {"output", output}};
    if (rc) {
        object.insert("rc", *rc);
    }
    if (obs) {
        object.insert("obs", *obs);
    }
    if (!fault.empty()) {
        object.insert("fault", QString::fromStdString(fault));
    }
    return object;
}

} // namespace timerscope::oracle
