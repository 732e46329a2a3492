// SPDX-License-Identifier: Apache-2.0
#include "engine/language/yaml_accidents.h"

#include <cctype>

#include "engine/language/raw_text.h"

namespace vozex::language {

Accident make_accident(const SourceText& source,
                       const Code& code,
                       std::size_t begin,
                       std::size_t end,
                       std::string message,
                       std::string hint) {
  return {&code, source.span(begin, end), std::move(message), std::move(hint), std::nullopt, '~'};
}

std::optional<Accident> comment_cut(const SourceText& source, const Node& scalar) {
  const std::string_view text = source.text();
  const std::size_t hash = skip_blanks(text, scalar.end);
  if (hash == scalar.end || hash >= text.size() || text[hash] != '#') return std::nullopt;
  const std::size_t end = end_of_line(text, hash);
  if (!is_cut_short(scalar.text) && !is_text_behind_hash(text.substr(hash, end - hash)))
    return std::nullopt;
  return make_accident(source,
                       code::comment_cut,
                       hash,
                       end,
                       "YAML takes this as a comment: the value is only `" + scalar.text + "`",
                       "if it belongs to the value, " +
                           write_quoted(text.substr(scalar.begin, end - scalar.begin)) +
                           "; a comment has a blank behind its #");
}

std::optional<Accident> comment_instead_of_value(const SourceText& source, const Node& key) {
  const std::string_view text = source.text();
  const std::size_t colon = skip_blanks(text, key.end);
  if (colon >= text.size() || text[colon] != ':') return std::nullopt;
  const std::size_t hash = skip_blanks(text, colon + 1);
  if (hash >= text.size() || text[hash] != '#') return std::nullopt;
  const std::size_t end = end_of_line(text, hash);
  if (!is_text_behind_hash(text.substr(hash, end - hash))) return std::nullopt;
  return make_accident(
      source,
      code::comment_cut,
      hash,
      end,
      "YAML takes this as a comment: `" + key.text + "` has no value",
      write_quoted(text.substr(hash, end - hash)) + "; a comment has a blank behind its #");
}

Accident tag_accident(const SourceText& source, std::size_t begin, bool flow) {
  const std::string_view text = source.text();
  std::size_t end = begin;
  while (end < text.size() && !std::isspace(static_cast<unsigned char>(text[end]))) ++end;
  while (flow && end > begin + 1 &&
         std::string_view(",}]").find(text[end - 1]) != std::string_view::npos)
    --end;
  const std::size_t meant = meant_end(text, begin, flow);
  const std::string tag(text.substr(begin, end - begin));
  if (tag.starts_with("!!") || tag.starts_with("!<")) {
    return make_accident(source,
                         code::yaml_tag,
                         begin,
                         end,
                         "`" + tag + "` is a YAML tag: tags mean nothing here",
                         "leave it out: the declared type decides what a value is");
  }
  return make_accident(
      source,
      code::yaml_tag,
      begin,
      meant,
      "YAML reads `" + tag + "` as a tag, not as a negation: the value would be lost",
      write_quoted(text.substr(begin, meant - begin)));
}

Accident anchor_accident(const SourceText& source, std::size_t begin) {
  const std::string_view text = source.text();
  std::size_t end = begin + 1;
  while (end < text.size() && (is_word_char(text[end]) || text[end] == '-' || text[end] == '.'))
    ++end;
  const std::string word(text.substr(begin, end - begin));
  if (word.starts_with("&")) {
    return make_accident(source,
                         code::anchor,
                         begin,
                         end,
                         "`" + word + "` is a YAML anchor: anchors are not part of the language",
                         "share types, events and policies in a `types_of:` file; put a text that "
                         "begins with & in quotes");
  }
  return make_accident(
      source,
      code::anchor,
      begin,
      end,
      "`" + word + "` is a YAML alias: anchors and aliases are not part of the language",
      "write the value out; put a text that begins with * in quotes");
}

}  // namespace vozex::language
