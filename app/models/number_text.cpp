// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/number_text.h"

#include "engine/why/number_text.h"

namespace timerscope {

QString groupedNumber(std::int64_t number)
{
    return toQt(groupedText(number));
}

QString frequencyNumber(Hertz rate)
{
    return groupedNumber(static_cast<std::int64_t>(rate.value)) + " Hz";
}

QString instantNumber(std::int64_t ns)
{
    return ns == Ns::max().count() ? QString{"never"} : toQt(instantText(ns));
}

QString instantWithoutUnit(std::int64_t ns)
{
    const QString text = instantNumber(ns);
    return text.endsWith(" s") ? text.chopped(2) : text;
}

QString spanNumber(Ns span)
{
    return span == Ns::max() ? QString{"for ever"} : toQt(spanText(span));
}

QString roundedSpanNumber(Ns span)
{
    return span == Ns::max() ? QString{"for ever"} : toQt(roundedSpanText(span));
}

QString logStamp(std::int64_t ns)
{
    return instantWithoutUnit(ns).chopped(4);
}

QString plainCopy(const QString& text)
{
    return toQt(plainText(text.toStdString()));
}

} // namespace timerscope
