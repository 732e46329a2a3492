// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "engine/lab/editor/answers.h"
#include "engine/lab/editor/names.h"

namespace vozex::lab::editor {
namespace {

using language::FileKind;
using language::Form;
using language::KeySpec;
using language::Node;

class Completer {
 public:
  Completer(const Book& book, std::size_t file, const Cursor& cursor, std::size_t offset)
      : book_(book), index_(file), file_(book.files()[file]), cursor_(cursor), offset_(offset) {}

  Completion run() {
    result_.begin = cursor_.begin;
    result_.end = std::max(cursor_.begin, cursor_.end);
    const Form* form = form_at(schema_of(file_.kind), cursor_.path);
    if (cursor_.nowhere || form == nullptr) return std::move(result_);
    if (cursor_.at_key) keys(*form);
    if (!cursor_.at_key || cursor_.lone) text(form->text, *form);
    if (result_.items.size() > k_max_items) result_.items.resize(k_max_items);
    return std::move(result_);
  }

 private:
  void add(Item item) {
    if (item.insert.empty()) item.insert = item.label;
    result_.items.push_back(std::move(item));
  }

  // --- keys -------------------------------------------------------------------------------------

  // Behind a key that is already there no second colon is written.
  bool has_colon() const {
    std::size_t at = cursor_.end + (cursor_.quote != 0 ? 1 : 0);
    while (at < file_.text.size() && file_.text[at] == ' ') ++at;
    return at < file_.text.size() && file_.text[at] == ':';
  }

  std::set<std::string> present() const {
    std::set<std::string> names;
    const Node* map = file_.root ? node_at(*file_.root, cursor_.path) : nullptr;
    if (map == nullptr) return names;
    for (const Node& key : map->keys) {
      const bool here = key.begin <= cursor_.end && cursor_.begin <= key.end;
      if (!here) names.insert(key.text);
    }
    return names;
  }

  void keys(const Form& form) {
    const auto there = present();
    const std::string colon = has_colon() ? "" : ": ";
    if (form.keys != nullptr) {
      for (const KeySpec& key : form.keys->keys) {
        const std::string name(key.name);
        if (there.contains(name)) continue;
        add({name,
             ItemKind::key,
             std::string("key of ") + std::string(form.keys->what),
             std::string(key.doc),
             name + colon});
      }
    }
    if (form.entry == nullptr) return;
    const std::size_t before = result_.items.size();
    text(form.names, form);
    for (std::size_t i = before; i < result_.items.size(); ++i) result_.items[i].insert += colon;
    if (form.names == Content::any) fields();
  }

  // Members of `with`, `input`, `data`: those of the type that is wanted there.
  void fields() {
    const types::TypeRef type = wanted();
    if (type == nullptr) return;
    const auto there = present();
    for (const types::Field& field : type->fields) {
      if (there.contains(field.name)) continue;
      add({field.name,
           ItemKind::field,
           types::to_string(*field.type),
           field.doc,
           field.name + (has_colon() ? "" : ": ")});
    }
  }

  types::TypeRef wanted() const {
    if (cursor_.path.empty() || !file_.root) return nullptr;
    const std::string& key = cursor_.path.back().key;
    Path above(cursor_.path.begin(), cursor_.path.end() - 1);
    const Node* node = node_at(*file_.root, above);
    const language::Contract* own = book_.contract(file_.subject);
    const auto named = [&](std::string_view word) -> std::string {
      const Node* value = node == nullptr ? nullptr : node->find(word);
      return value == nullptr ? "" : value->text;
    };
    if (key == "with") {
      const auto operation = book_.operation(named("call"));
      return operation == nullptr ? nullptr : operation->input;
    }
    if (key == "input" && !named("workflow").empty()) {
      const auto* child = book_.contract(named("workflow"));
      return child == nullptr ? nullptr : child->input;
    }
    if (own == nullptr) return nullptr;
    if (key == "reply" || key == "output") return own->output;
    const auto event = own->events.find(key == "data" ? named("event") : key);
    return event == own->events.end() ? nullptr : event->second;
  }

  // --- texts ------------------------------------------------------------------------------------

  void text(Content content, const Form& form) {
    for (const std::string_view word : form.words)
      if (content == form.text) add({std::string(word), ItemKind::word, "", "", ""});
    switch (content) {
      case Content::boolean:
        add({"true", ItemKind::word, "", "", ""});
        add({"false", ItemKind::word, "", "", ""});
        return;
      case Content::state: states(); return;
      case Content::event: events(false); return;
      case Content::descriptor: events(true); return;
      case Content::operation: operations(); return;
      case Content::called:
        operations();
        symbols(Kind::workflow, ItemKind::name, false);
        return;
      case Content::workflow: symbols(Kind::workflow, ItemKind::name, false); return;
      case Content::import_name: symbols(Kind::types_file, ItemKind::name, false); return;
      case Content::own_operation: own_operations(); return;
      case Content::policy: policies(); return;
      case Content::status:
        symbols(Kind::status, ItemKind::word, true);
        template_names();
        return;
      case Content::type:
      case Content::object_type: types(); return;
      case Content::data_path:
      case Content::data_field: symbols(Kind::data, ItemKind::field, true); return;
      case Content::input_field: symbols(Kind::input, ItemKind::field, true); return;
      case Content::config_field: symbols(Kind::config, ItemKind::field, true); return;
      case Content::alias: symbols(Kind::alias, ItemKind::name, true); return;
      case Content::invoke_id: symbols(Kind::invoke, ItemKind::name, true); return;
      case Content::manual_action: symbols(Kind::action, ItemKind::name, true); return;
      case Content::expression: expression(result_.begin); return;
      case Content::value:
      case Content::moment: template_names(); return;
      case Content::any:
      case Content::text:
      case Content::integer:
      case Content::number:
      case Content::duration:
      case Content::choice:
      case Content::cron:
      case Content::timezone:
      case Content::name:
      case Content::state_name:
      case Content::event_name:
      case Content::warning_code: return;
    }
  }

  std::optional<std::size_t> own_file() const {
    return file_.kind == FileKind::test ? book_.file_of(file_.subject) : std::optional(index_);
  }

  void symbols(Kind kind, ItemKind item, bool local) {
    std::set<std::string> seen;
    for (const Symbol& symbol : book_.symbols()) {
      if (symbol.kind != kind || (local && symbol.file != own_file())) continue;
      if (seen.insert(symbol.name).second)
        add({symbol.name, item, std::string(word_of(kind)), symbol.detail, ""});
    }
  }

  // By the shortest name that means the state from here.
  void states() {
    Mark mark;
    mark.content = Content::state;
    mark.path = cursor_.path;
    mark.state = state_of(cursor_.path);
    const bool inside = !mark.path.empty() && mark.path.back().key == "initial";
    for (const Symbol* state : book_.states_of(file_.subject)) {
      std::string label = state->name;
      if (file_.kind != FileKind::test) {
        mark.text = state->name.substr(state->name.rfind('.') + 1);
        if (book_.resolve_state(file_, mark) == state->name) label = mark.text;
        const std::string parent = mark.state.empty() ? "" : mark.state + ".";
        if (inside && (!state->name.starts_with(parent) || label.find('.') != std::string::npos))
          continue;
      }
      add({label, ItemKind::state, "state " + state->name, state->detail, ""});
    }
  }

  void events(bool patterns) {
    std::set<std::string> seen;
    const auto offer = [&](const std::string& name, const types::TypeRef& data) {
      if (!seen.insert(name).second) return;
      add({name,
           ItemKind::event,
           data == nullptr ? "event" : "event " + types::to_string(*data),
           "",
           ""});
    };
    if (const auto* contract = book_.contract(file_.subject)) {
      for (const auto& [name, data] : contract->events) offer(name, data);
    }
    for (const Symbol& symbol : book_.symbols()) {
      if (symbol.kind == Kind::event) offer(symbol.name, nullptr);
    }
    if (patterns || file_.kind == FileKind::test) offer("cancel", nullptr);
  }

  void operations() {
    for (const machine::OperationRef& operation : book_.operations()) {
      const std::string name = operation->adapter + "." + operation->name;
      std::string detail = types::to_string(*operation->input);
      if (operation->output != nullptr) detail += " -> " + types::to_string(*operation->output);
      const Symbol* symbol = book_.symbol(Kind::operation, name, std::nullopt);
      add({name, ItemKind::operation, detail, symbol == nullptr ? "" : symbol->detail, ""});
    }
  }

  void own_operations() {
    for (const Symbol& symbol : book_.symbols()) {
      if (symbol.kind != Kind::operation || symbol.file != index_) continue;
      add({symbol.name.substr(symbol.name.find('.') + 1),
           ItemKind::operation,
           "operation",
           "",
           ""});
    }
  }

  void policies() {
    if (const auto* contract = book_.contract(file_.subject)) {
      for (const std::string& name : contract->policies)
        add({name, ItemKind::name, "retry policy", "", ""});
    }
  }

  void types() {
    static constexpr std::string_view k_plain[] = {
        "string", "int", "double", "bool", "timestamp", "duration", "money", "secret", "json"};
    // Inside `list<...>` only the part behind the bracket is replaced.
    const std::string_view typed =
        std::string_view(file_.text).substr(result_.begin, offset_ - result_.begin);
    const std::size_t open = typed.find_last_of("<(|");
    if (open != std::string_view::npos) {
      result_.begin += open + 1;
      result_.end = offset_;
    }
    for (const std::string_view name : k_plain)
      add({std::string(name), ItemKind::type, "type", "", ""});
    for (const std::string_view name : {"list", "map", "optional"})
      add({std::string(name), ItemKind::type, "type", "", std::string(name) + "<$0>"});
    add({"enum", ItemKind::type, "type", "one of these words: enum(a|b)", "enum($0)"});
    if (const auto* contract = book_.contract(file_.subject)) {
      for (const auto& [name, type] : contract->types)
        add({name, ItemKind::type, type == nullptr ? "" : types::to_string(*type), "", ""});
    } else {
      symbols(Kind::type, ItemKind::type, false);
    }
  }

  // --- expressions ------------------------------------------------------------------------------

  void template_names() {
    const std::string_view before =
        std::string_view(file_.text).substr(result_.begin, offset_ - result_.begin);
    const std::size_t open = before.rfind("${");
    if (open == std::string_view::npos || before.find('}', open) != std::string_view::npos) return;
    expression(result_.begin + open + 2);
  }

  // The expression begins at `begin` of the file.
  void expression(std::size_t begin) {
    if (begin > offset_) return;
    const std::string_view typed = std::string_view(file_.text).substr(begin, offset_ - begin);
    if (in_state_argument(typed)) return;
    const Asked asked = asked_at(typed, typed.size());
    result_.begin = begin + asked.word;
    result_.end = offset_;
    for (Item& item : names_for(scope_at(book_, index_, cursor_.path), asked)) add(std::move(item));
  }

  bool in_state_argument(std::string_view typed) {
    const std::size_t call = typed.rfind("in_state(");
    if (call == std::string_view::npos) return false;
    const std::string_view argument = typed.substr(call + 9);
    if (argument.empty() || (argument[0] != '\'' && argument[0] != '"')) return false;
    if (argument.find(argument[0], 1) != std::string_view::npos) return false;
    result_.begin = offset_ - (argument.size() - 1);
    result_.end = offset_;
    for (const Symbol* state : book_.states_of(file_.subject))
      add({state->name, ItemKind::state, "state", state->detail, ""});
    return true;
  }

  const Book& book_;
  std::size_t index_;
  const File& file_;
  Cursor cursor_;
  std::size_t offset_;
  Completion result_;
};

}  // namespace

Completion complete(const Book& book, std::size_t file, std::size_t offset) {
  const Cursor cursor = cursor_at(book.files()[file].text, offset);
  return Completer(book, file, cursor, std::min(offset, book.files()[file].text.size())).run();
}

}  // namespace vozex::lab::editor
