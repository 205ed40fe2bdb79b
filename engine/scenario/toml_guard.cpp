// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/scenario/toml_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace timerscope {

namespace {

constexpr std::size_t longestText = std::size_t{1} << 20U;
constexpr std::size_t mostDotsALine = 64;

enum class Inside : std::uint8_t
{
    Nothing,
    Comment,
    Quotes, ///< "basic" or 'literal': over at the line's end, whatever the library says to it
    LongQuotes, ///< """ or '''
};

/// TOML has none, not even in quotes.
bool isControl(char c)
{
    return (c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
}

/// Walks over a text and knows what is quoted. Agrees with the library up to the first mistake
/// that the library finds, which is all that is needed.
class Walk
{
public:
    explicit Walk(std::string_view text)
        : m_text(text)
    {
    }

    std::optional<TextComplaint> run();

private:
    void newLine();
    void outside(char c);
    void quoted(char c);
    void open(char quote);
    [[nodiscard]] bool threeOf(char quote) const;
    void complain(std::string sentence);

    std::string_view m_text;
    std::size_t m_at = 0;
    unsigned m_line = 1;
    std::size_t m_dots = 0;
    Inside m_inside = Inside::Nothing;
    char m_quote = '"';
    std::optional<TextComplaint> m_complaint;
};

std::optional<TextComplaint> Walk::run()
{
    constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
    m_at = m_text.starts_with(byteOrderMark) ? byteOrderMark.size() : 0;
    for (; m_at < m_text.size() && !m_complaint; ++m_at) {
        const char c = m_text[m_at];
        if (isControl(c)) {
            complain("a control character must not stand in the text");
        } else if (c == '\n') {
            newLine();
        } else if (m_inside == Inside::Nothing) {
            outside(c);
        } else if (m_inside != Inside::Comment) {
            quoted(c);
        }
    }
    return m_complaint;
}

void Walk::newLine()
{
    ++m_line;
    m_dots = 0;
    m_inside = m_inside == Inside::LongQuotes ? m_inside : Inside::Nothing;
}

void Walk::outside(char c)
{
    m_dots += c == '.' ? 1 : 0;
    if (m_dots > mostDotsALine) {
        complain(fmt::format("the line has more than {} dots; keys must not be nested that deep",
                             mostDotsALine));
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
        complain("a character outside of ASCII must be in quotes or in a comment");
    }
    // The library reads on over such a quote, so what is behind it would not be quoted for it.
    constexpr std::string_view mayComeBefore = " \t\r\n=[{,.\xBF"; // or a byte order mark
    const bool isQuote = c == '"' || c == '\'';
    if (isQuote && m_at > 0 && mayComeBefore.find(m_text[m_at - 1]) == std::string_view::npos) {
        complain("a quote must not stand in the middle of a word");
    }
    if (c == '#') {
        m_inside = Inside::Comment;
    } else if (isQuote) {
        open(c);
    }
}

bool Walk::threeOf(char quote) const
{
    return m_text.substr(m_at, 3) == std::string(3, quote);
}

void Walk::open(char quote)
{
    m_quote = quote;
    m_inside = threeOf(quote) ? Inside::LongQuotes : Inside::Quotes;
    m_at += m_inside == Inside::LongQuotes ? 2 : 0;
}

void Walk::quoted(char c)
{
    const bool escapes = c == '\\' && m_quote == '"';
    if (escapes && m_at + 1 < m_text.size() && m_text[m_at + 1] != '\n') {
        ++m_at;
    } else if (c == m_quote && m_inside == Inside::Quotes) {
        m_inside = Inside::Nothing;
    } else if (c == m_quote && threeOf(m_quote)) {
        // Up to two more belong to the text: """a""""" holds a"".
        const std::size_t end = std::min(m_text.find_first_not_of(m_quote, m_at), m_text.size());
        m_at += std::min<std::size_t>(end - m_at, 5) - 1;
        m_inside = Inside::Nothing;
    }
}

void Walk::complain(std::string sentence)
{
    m_complaint = TextComplaint{.line = m_line, .sentence = std::move(sentence)};
}

} // namespace

std::optional<TextComplaint> complaintAbout(std::string_view text)
{
    if (text.size() > longestText) {
        return TextComplaint{.line = 1,
                             .sentence = fmt::format("the file has {} bytes; allowed are {}",
                                                     text.size(), longestText)};
    }
    return Walk(text).run();
}

} // namespace timerscope
