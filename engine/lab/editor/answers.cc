// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/editor/answers.h"

#include <algorithm>

#include "engine/lab/editor/names.h"
#include "engine/language/keys.h"
#include "engine/language/raw_text.h"

namespace vozex::lab::editor {
namespace {

using language::FileKind;

bool holds_expressions(Content content) {
  return content == Content::expression || content == Content::value ||
         content == Content::moment || content == Content::status;
}

const Mark* mark_at(const File& file, std::size_t offset) {
  for (const Mark& mark : file.marks) {
    if (offset >= mark.begin && offset <= mark.end) return &mark;
  }
  return nullptr;
}

// The dotted name around `offset`, from its first word to the end of the word there:
// "data.captures".
struct Chain {
  std::string text;
  std::size_t begin = 0;
  std::size_t end = 0;
};

Chain chain_at(std::string_view text, const Mark& mark, std::size_t offset) {
  std::size_t end = offset;
  while (end < mark.end && language::is_word_char(text[end])) ++end;
  const std::string_view before = text.substr(mark.begin, end - mark.begin);
  const Asked asked = asked_at(before, before.size());
  Chain chain;
  chain.begin = mark.begin + asked.word;
  chain.end = end;
  const std::string word(text.substr(chain.begin, end - chain.begin));
  chain.text = asked.receiver.empty() ? word : asked.receiver + "." + word;
  return word.empty() ? Chain{} : chain;
}

// `in_state('a.b')` around the offset: the place of the path inside its quotes.
std::optional<Location> state_query(const File& file, std::size_t index, std::size_t offset) {
  const std::string_view text = file.text;
  constexpr std::string_view k_call = "in_state(";
  std::size_t at = text.rfind(k_call, offset);
  if (at == std::string_view::npos) return std::nullopt;
  at += k_call.size();
  if (at >= text.size() || !language::is_quote(text[at])) return std::nullopt;
  const std::size_t close = text.find(text[at], at + 1);
  if (close == std::string_view::npos || offset <= at || offset > close) return std::nullopt;
  return Location{index, at + 1, close};
}

const Symbol* symbol_at(const Book& book, std::size_t index, std::size_t offset) {
  const File& file = book.files()[index];
  const Mark* mark = mark_at(file, offset);
  if (mark == nullptr) return nullptr;
  if (!holds_expressions(mark->content)) return book.target(index, *mark);
  if (const auto query = state_query(file, index, offset))
    return book.symbol(
        Kind::state, file.text.substr(query->begin, query->end - query->begin), index);
  if (mark->content == Content::status && mark->text.find("${") == std::string::npos)
    return book.target(index, *mark);
  const Chain chain = chain_at(file.text, *mark, offset);
  for (const auto& [prefix, kind] : {std::pair("data.", Kind::data),
                                     std::pair("input.", Kind::input),
                                     std::pair("config.", Kind::config),
                                     std::pair("invoked.", Kind::invoke)}) {
    if (!chain.text.starts_with(prefix)) continue;
    const std::string rest = chain.text.substr(std::string_view(prefix).size());
    return book.symbol(kind, rest.substr(0, rest.find_first_of(".[(")), index);
  }
  return nullptr;
}

std::string code(const std::string& text) { return "```\n" + text + "\n```\n"; }

std::string type_line(const Book& book, const Symbol& symbol) {
  if (symbol.kind == Kind::operation) {
    const auto operation = book.operation(symbol.name);
    if (operation == nullptr) return "";
    std::string text = types::to_string(*operation->input);
    if (operation->output != nullptr) text += " -> " + types::to_string(*operation->output);
    return text;
  }
  const language::Contract* contract = book.contract(book.files()[symbol.file].subject);
  if (contract == nullptr) return "";
  const auto field = [&](const types::TypeRef& object) -> std::string {
    const types::Field* found =
        object == nullptr ? nullptr : types::find_field(*object, symbol.name);
    return found == nullptr ? "" : types::to_string(*found->type);
  };
  if (symbol.kind == Kind::data) return field(contract->data);
  if (symbol.kind == Kind::input) return field(contract->input);
  if (symbol.kind == Kind::config) return field(contract->config);
  return "";
}

std::string event_type(const Book& book, const std::string& name) {
  for (const File& file : book.files()) {
    const language::Contract* contract = book.contract(file.subject);
    if (contract == nullptr) continue;
    const auto event = contract->events.find(name);
    if (event != contract->events.end() && event->second != nullptr)
      return types::to_string(*event->second);
  }
  return "";
}

std::string about(const Book& book, const Symbol& symbol) {
  const std::string type =
      symbol.kind == Kind::event ? event_type(book, symbol.name) : type_line(book, symbol);
  std::string text = code(std::string(word_of(symbol.kind)) + " " + symbol.name +
                          (type.empty() ? "" : ": " + type));
  if (!symbol.detail.empty()) text += symbol.detail + "\n";
  return text + "\n" + book.files()[symbol.file].name;
}

// The sentence of a key, from the tables.
std::optional<Hover> key_hover(const File& file, const Cursor& cursor) {
  if (!cursor.at_key) return std::nullopt;
  const language::Form* form = form_at(schema_of(file.kind), cursor.path);
  if (form == nullptr || form->keys == nullptr) return std::nullopt;
  const std::string word = file.text.substr(cursor.begin, cursor.end - cursor.begin);
  const language::KeySpec* key = language::find_key(*form->keys, word);
  if (key == nullptr) return std::nullopt;
  std::string text = "`" + word + "`, a key of " + std::string(form->keys->what) + ". " +
                     std::string(key->doc) + "\n";
  if (!key->example.empty()) text += "\n" + code(std::string(key->example));
  return Hover{cursor.begin, cursor.end, text};
}

std::optional<Hover> expression_hover(const Book& book,
                                      std::size_t index,
                                      const Mark& mark,
                                      std::size_t offset) {
  const Chain chain = chain_at(book.files()[index].text, mark, offset);
  if (chain.text.empty()) return std::nullopt;
  const expr::Scope scope = scope_at(book, index, mark.path);
  if (const std::string type = type_of_text(scope, chain.text); !type.empty())
    return Hover{chain.begin, chain.end, code(chain.text + ": " + type)};
  const std::string word = book.files()[index].text.substr(chain.begin, chain.end - chain.begin);
  Asked asked;
  if (const std::size_t dot = chain.text.rfind('.'); dot != std::string::npos)
    asked.receiver = chain.text.substr(0, dot);
  for (const Item& item : names_for(scope, asked)) {
    if (item.label == word) return Hover{chain.begin, chain.end, code(item.detail)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Hover> hover(const Book& book, std::size_t index, std::size_t offset) {
  const File& file = book.files()[index];
  const Cursor cursor = cursor_at(file.text, offset);
  if (cursor.nowhere) return std::nullopt;
  if (auto key = key_hover(file, cursor)) return key;
  const Mark* mark = mark_at(file, offset);
  if (mark == nullptr) return std::nullopt;
  if (holds_expressions(mark->content) && !state_query(file, index, offset)) {
    if (auto found = expression_hover(book, index, *mark, offset)) return found;
  }
  const Symbol* symbol = symbol_at(book, index, offset);
  if (symbol == nullptr) return std::nullopt;
  return Hover{mark->begin, mark->end, about(book, *symbol)};
}

std::optional<Location> definition(const Book& book, std::size_t index, std::size_t offset) {
  const Symbol* symbol = symbol_at(book, index, offset);
  if (symbol == nullptr) return std::nullopt;
  return Location{symbol->file, symbol->begin, symbol->end};
}

namespace {

// The part of a dotted path that names the state: `path` leads to it or below it.
struct Part {
  bool found = false;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// `written` ends at `full`; the state is full's ancestor or itself, and its word may be in it.
Part part_of(const std::string& written, const std::string& full, const std::string& state) {
  const bool below = full == state || full.starts_with(state + ".");
  if (!below) return {};
  // Bytes of `full` behind the state's word, counted from the end.
  const std::size_t tail = full.size() - state.size();
  if (written.size() < tail) return {};
  const std::size_t end = written.size() - tail;
  const std::string word = state.substr(state.rfind('.') + 1);
  if (end < word.size() || written.compare(end - word.size(), word.size(), word) != 0) return {};
  return {true, end - word.size(), end};
}

void add_queries(const File& file,
                 std::size_t index,
                 const Mark& mark,
                 const std::string& state,
                 std::vector<Location>& uses) {
  for (std::size_t at = file.text.find("in_state(", mark.begin);
       at != std::string::npos && at < mark.end;
       at = file.text.find("in_state(", at + 1)) {
    const auto query = state_query(file, index, at + 10);
    if (!query || query->end > mark.end) continue;
    const std::string path = file.text.substr(query->begin, query->end - query->begin);
    const Part part = part_of(path, path, state);
    if (part.found) uses.push_back({index, query->begin + part.begin, query->begin + part.end});
  }
}

}  // namespace

std::vector<Location> state_uses(const Book& book, const Symbol& state) {
  std::vector<Location> uses;
  const std::string& workflow = book.files()[state.file].subject;
  for (std::size_t i = 0; i < book.files().size(); ++i) {
    const File& file = book.files()[i];
    const bool test = file.kind == FileKind::test && file.subject == workflow;
    if (i != state.file && !test) continue;
    for (const Mark& mark : file.marks) {
      if (holds_expressions(mark.content)) {
        if (!test) add_queries(file, i, mark, state.name, uses);
        continue;
      }
      const Symbol* target = mark.content == Content::state || mark.content == Content::state_name
                                 ? book.target(i, mark)
                                 : nullptr;
      if (target == nullptr || target->kind != Kind::state) continue;
      const Part part = part_of(mark.text, target->name, state.name);
      if (part.found) uses.push_back({i, mark.begin + part.begin, mark.begin + part.end});
    }
  }
  return uses;
}

std::optional<Location> renamable(const Book& book, std::size_t index, std::size_t offset) {
  const Symbol* symbol = symbol_at(book, index, offset);
  if (symbol == nullptr || symbol->kind != Kind::state) return std::nullopt;
  for (const Location& use : state_uses(book, *symbol)) {
    if (use.file == index && offset >= use.begin && offset <= use.end) return use;
  }
  return std::nullopt;
}

Result<std::vector<Edit>> rename(const Book& book,
                                 std::size_t index,
                                 std::size_t offset,
                                 const std::string& name) {
  const Symbol* symbol = symbol_at(book, index, offset);
  if (symbol == nullptr || symbol->kind != Kind::state || !renamable(book, index, offset)) {
    return fail(ErrorClass::invalid,
                "not_renamable",
                "Only states can be renamed: put the cursor on the name of one.");
  }
  if (!language::is_state_name(name)) {
    return fail(ErrorClass::invalid,
                "bad_name",
                "`" + name +
                    "` can't be a state's name: use letters, digits, _ and -, beginning with a "
                    "letter.");
  }
  const std::size_t dot = symbol->name.rfind('.');
  const std::string path = (dot == std::string::npos ? "" : symbol->name.substr(0, dot + 1)) + name;
  if (path != symbol->name && book.symbol(Kind::state, path, symbol->file) != nullptr) {
    return fail(ErrorClass::conflict, "name_taken", "There is a state `" + path + "` already.");
  }
  std::vector<Edit> edits;
  for (const Location& use : state_uses(book, *symbol)) edits.push_back({use, name});
  return edits;
}

}  // namespace vozex::lab::editor
