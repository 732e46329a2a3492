// SPDX-License-Identifier: Apache-2.0
//
// The codes of mistakes in expressions, VZ0301 to VZ0399, one sentence each; docs/errors has a page
// per code. A released code never changes its meaning.
#pragma once

#include <array>
#include <string_view>

namespace vozex::expr {

namespace code {
inline constexpr std::string_view k_syntax = "VZ0301";
inline constexpr std::string_view k_bad_text_literal = "VZ0302";
inline constexpr std::string_view k_bad_number = "VZ0303";
inline constexpr std::string_view k_foreign_operator = "VZ0304";
inline constexpr std::string_view k_reserved_word = "VZ0305";
inline constexpr std::string_view k_message_literal = "VZ0306";
inline constexpr std::string_view k_too_big = "VZ0307";
inline constexpr std::string_view k_bad_macro = "VZ0308";
inline constexpr std::string_view k_empty = "VZ0309";
inline constexpr std::string_view k_unknown_variable = "VZ0310";
inline constexpr std::string_view k_unavailable_variable = "VZ0311";
inline constexpr std::string_view k_unknown_field = "VZ0312";
inline constexpr std::string_view k_unknown_function = "VZ0313";
inline constexpr std::string_view k_wrong_arguments = "VZ0314";
inline constexpr std::string_view k_wrong_operands = "VZ0315";
inline constexpr std::string_view k_optional_unopened = "VZ0316";
inline constexpr std::string_view k_secret_read = "VZ0317";
inline constexpr std::string_view k_unknown_option = "VZ0318";
inline constexpr std::string_view k_bad_argument_text = "VZ0319";
inline constexpr std::string_view k_open_template = "VZ0320";
inline constexpr std::string_view k_not_text = "VZ0321";
inline constexpr std::string_view k_not_a_condition = "VZ0322";
inline constexpr std::string_view k_no_members = "VZ0323";
inline constexpr std::string_view k_bad_key = "VZ0324";
inline constexpr std::string_view k_not_iterable = "VZ0325";
}  // namespace code

struct CodeMeaning {
  std::string_view code;
  std::string_view meaning;
};

inline constexpr std::array<CodeMeaning, 25> k_code_meanings{{
    {code::k_syntax, "The expression breaks off or has a word or sign where another was expected."},
    {code::k_bad_text_literal,
     "A string or bytes literal is not closed or has an escape that means nothing."},
    {code::k_bad_number, "A number is malformed or outside its kind's range."},
    {code::k_foreign_operator,
     "An operator of another language stands where CEL writes a different one."},
    {code::k_reserved_word, "A reserved word is used as a name."},
    {code::k_message_literal,
     "A message literal `Name{...}` was written; values here are maps and lists."},
    {code::k_too_big, "The expression is too long, too deeply nested or has too many parts."},
    {code::k_bad_macro, "A macro such as map, exists or has got arguments it can't take."},
    {code::k_empty, "An expression was expected and nothing is there."},
    {code::k_unknown_variable, "A name is not declared."},
    {code::k_unavailable_variable, "A name exists in the language and has no value in this place."},
    {code::k_unknown_field, "A declared object has no such field."},
    {code::k_unknown_function, "There is no function or method of this name."},
    {code::k_wrong_arguments, "A function got arguments that none of its forms takes."},
    {code::k_wrong_operands, "An operator stands between types that it doesn't take."},
    {code::k_optional_unopened, "An optional is used as if its value were certainly there."},
    {code::k_secret_read, "A secret is read; it may only be passed on whole."},
    {code::k_unknown_option,
     "A declared enumeration is compared with a word that is none of its options."},
    {code::k_bad_argument_text,
     "A literal argument (duration, timestamp, pattern, time zone) has no meaning."},
    {code::k_open_template, "A `${` in a text has no closing `}`."},
    {code::k_not_text, "A value without a textual form is written into a text."},
    {code::k_not_a_condition, "A condition is not a bool."},
    {code::k_no_members, "A member is selected from a type that has none."},
    {code::k_bad_key, "A map literal has a key twice or a key that can't be one."},
    {code::k_not_iterable, "A macro runs over something that is neither a list nor a map."},
}};

}  // namespace vozex::expr
