// SPDX-License-Identifier: Apache-2.0
#include "engine/language/library.h"

#include <algorithm>
#include <functional>

#include "engine/language/http_adapter.h"
#include "engine/language/keys.h"
#include "engine/language/literals.h"

namespace vozex::language {
namespace {

// Loads shared files in the order in which they import each other.
class SharedLoader {
 public:
  SharedLoader(std::vector<std::unique_ptr<Document>>& documents, Library& library)
      : library_(library) {
    for (auto& document : documents) {
      if (document->kind != FileKind::types_of || !document->root) continue;
      if (pending_.contains(document->name)) {
        document->report.error(code::duplicate_name,
                               document->root->span,
                               "`" + document->name + "` is already the name of " +
                                   pending_[document->name]->source.name());
        continue;
      }
      pending_[document->name] = document.get();
    }
  }

  void load_all() {
    while (!pending_.empty()) load(*pending_.begin()->second);
  }

 private:
  void load(Document& document) {
    const std::string name = document.name;
    pending_.erase(name);
    const Fields fields(
        *document.root, grammar::shared_types, document.root->span, document.report);
    check_language_version(*document.root, document.report);
    auto shared = std::make_unique<SharedTypes>();
    shared->document = &document;
    if (const Node* import = fields.get("import")) {
      for (const std::string& wanted : read_texts(*import, "`import`", document.report)) {
        const auto waiting = pending_.find(wanted);
        if (waiting != pending_.end()) load(*waiting->second);
      }
      shared->imports = imports_of(import, library_, document.report);
      for (const std::string& other : shared->imports) {
        shared->types.import(
            library_.shared.at(other)->types, other, import->span, document.report);
      }
    }
    if (const Node* types = fields.get("types")) shared->types.declare(*types, document.report);
    shared->types.resolve_all(document.report);
    if (const Node* events = fields.get("events")) read_events(*events, *shared, document);
    if (const Node* policies = fields.get("policies"))
      read_policies(*policies, shared->policies, document.report);
    library_.shared.emplace(name, std::move(shared));
  }

  void read_events(const Node& section, SharedTypes& shared, Document& document) {
    for (std::size_t i = 0; i < section.keys.size(); ++i) {
      const Node& key = section.keys[i];
      if (!is_event_name(key.text)) {
        document.report.error(
            code::bad_name,
            key.span,
            "`" + key.text + "` can't be an event's name",
            "use words of letters, digits, _ and - joined by dots: payment.succeeded");
        continue;
      }
      const auto type =
          shared.types.read_object(section.items[i], "the data of " + key.text, document.report);
      shared.events[key.text] = {type, document.source.name()};
      declare_event_type(library_, key.text, type, key.span, document.report);
    }
  }

  Library& library_;
  std::map<std::string, Document*> pending_;
};

machine::Repeat read_repeat(const Node* node, Report& report) {
  if (node == nullptr) return machine::Repeat::never;
  const auto choice = read_choice(*node, "`repeat`", grammar::k_repeat_words, report);
  if (choice == 0U) return machine::Repeat::safe;
  return choice == 1U ? machine::Repeat::by_key : machine::Repeat::never;
}

machine::OperationDecl read_operation(
    const Node& key, const Node& node, TypeTable& types, HttpReader& http, Document& document) {
  Report& report = document.report;
  machine::OperationDecl operation;
  operation.adapter = document.name;
  operation.name = key.text;
  const Fields fields(node, grammar::operation, key.span, report);
  const Node* input = fields.get("input");
  operation.input = input == nullptr
                        ? types::object_of({})
                        : types.read_object(*input, "the input of " + key.text, report);
  if (const Node* output = fields.get("output"))
    operation.output = types.read(*output, "the output of " + key.text, report);
  if (const Node* errors = fields.get("errors"))
    operation.errors = read_texts(*errors, "`errors`", report);
  operation.repeat = read_repeat(fields.get("repeat"), report);
  operation.span = key.span;
  if (const Node* doc = fields.get("doc")) operation.doc = doc->text;
  if (const Node* ask = fields.get("ask")) operation.ask = ask->text;
  if (const Node* after = fields.get("ask_after")) {
    operation.ask_after = read_duration(*after, "`ask_after`", report).value_or(Duration{});
    if (!fields.has("ask")) {
      report.error(code::conflicting_keys,
                   fields.key_span("ask_after"),
                   "`ask_after` without `ask`: nobody is asked",
                   "name the operation that settles an unknown outcome: `ask: find_...`");
    }
  }
  if (const Node* read_only = fields.get("read_only")) {
    operation.read_only = read_bool(*read_only, "`read_only`", report).value_or(false);
  }
  http.read(fields, operation);
  return operation;
}

// `ask` names an operation of the same adapter that takes the same input.
void check_ask(const Node& operations, const Adapter& adapter, Report& report) {
  for (const auto& [name, operation] : adapter.operations) {
    if (operation->ask.empty()) continue;
    const Node* node = operations.find(name)->find("ask");
    const auto asked = adapter.operations.find(operation->ask);
    if (asked == adapter.operations.end()) {
      report.error(
          code::unknown_operation,
          node->span,
          "`ask` of `" + name + "` names no operation of this adapter: `" + operation->ask + "`",
          did_you_mean(operation->ask, names_in(adapter.operations)));
    } else if (!types::assignable(*asked->second->input, *operation->input)) {
      report.error(code::wrong_type,
                   node->span,
                   "`" + operation->ask + "` can't be asked with the input of `" + name +
                       "`: " + types::to_string(*asked->second->input) + " wants other fields",
                   "declare its input with (some of) the same fields");
    }
  }
}

void read_adapter(Document& document, Library& library) {
  Report& report = document.report;
  const Fields fields(*document.root, grammar::adapter, document.root->span, report);
  check_language_version(*document.root, report);
  if (library.adapters.contains(document.name)) {
    report.error(code::duplicate_name,
                 fields.key_span("adapter"),
                 "adapter `" + document.name + "` is already declared in " +
                     library.adapters.at(document.name).document->source.name());
    return;
  }
  TypeTable types;
  Adapter& adapter = library.adapters[document.name];
  adapter.document = &document;
  if (const Node* import = fields.get("import")) {
    adapter.imports = imports_of(import, library, report);
    for (const std::string& name : adapter.imports) {
      types.import(library.shared.at(name)->types, name, import->span, report);
    }
  }
  if (const Node* section = fields.get("types")) types.declare(*section, report);
  types.resolve_all(report);
  HttpReader http(document, library, fields);
  adapter.http = http.declared();
  const Node* operations = fields.need("operations");
  if (operations == nullptr) return;
  for (std::size_t i = 0; i < operations->keys.size(); ++i) {
    const Node& key = operations->keys[i];
    if (!is_identifier(key.text)) {
      report.error(code::bad_name,
                   key.span,
                   "`" + key.text + "` can't be an operation's name",
                   "use letters, digits and _");
      continue;
    }
    if (operations->items[i].broken) continue;
    adapter.operations[key.text] = std::make_shared<machine::OperationDecl>(
        read_operation(key, operations->items[i], types, http, document));
  }
  check_ask(*operations, adapter, report);
  link_asked(adapter);
}

}  // namespace

std::vector<std::string> imports_of(const Node* import, const Library& library, Report& report) {
  std::vector<std::string> all;
  if (import == nullptr) return all;
  const auto add = [&](const std::string& name) {
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  };
  const auto place = [&](std::size_t i) {
    return import->is_sequence() ? import->items[i].span : import->span;
  };
  const auto wanted = read_texts(*import, "`import`", report);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto found = library.shared.find(wanted[i]);
    if (found == library.shared.end()) {
      const std::string near = did_you_mean(wanted[i], names_in(library.shared));
      report.error(
          code::unknown_import,
          place(std::min(i, import->items.empty() ? 0 : import->items.size() - 1)),
          "none of the files provides `" + wanted[i] + "`",
          near.empty() ? "expected a file that begins with `types_of: " + wanted[i] + "`" : near);
      continue;
    }
    for (const std::string& before : found->second->imports) add(before);
    add(wanted[i]);
  }
  return all;
}

void declare_event_type(Library& library,
                        const std::string& event,
                        const types::TypeRef& type,
                        const Span& span,
                        Report& report) {
  const auto [first, fresh] =
      library.events.emplace(event, EventType{type, report.source().name()});
  if (fresh || types::equal(*first->second.data, *type)) return;
  report.error(code::event_conflict,
               span,
               "`" + event + "` has another type in " + first->second.from,
               "one event name has one type for everybody: share it in a `types_of:` file, or use "
               "another name");
}

void check_language_version(const Node& root, Report& report) {
  const Node* version = root.find("vozex");
  if (version == nullptr) {
    report.error(code::wrong_language,
                 root.span,
                 "the first key must be `vozex: 1`: the version of the language");
  } else if (!version->broken && version->text != "1") {
    report.error(code::wrong_language,
                 version->span,
                 "expected `vozex: 1`, got " + describe(*version),
                 "this program reads version 1 of the language");
  }
}

void read_shared_files(std::vector<std::unique_ptr<Document>>& documents, Library& library) {
  SharedLoader(documents, library).load_all();
}

void read_adapter_files(std::vector<std::unique_ptr<Document>>& documents, Library& library) {
  for (auto& document : documents) {
    if (document->kind == FileKind::adapter && document->root) read_adapter(*document, library);
  }
}

}  // namespace vozex::language
