// SPDX-License-Identifier: Apache-2.0
#include "engine/language/compile.h"

#include <algorithm>
#include <memory>
#include <set>

#include "engine/base/sha256.h"
#include "engine/language/checks/checks.h"
#include "engine/language/contracts.h"
#include "engine/language/keys.h"
#include "engine/language/library.h"
#include "engine/language/silences.h"
#include "engine/language/stages.h"
#include "engine/language/unit.h"
#include "engine/language/yaml_reader.h"

namespace vozex::language {
namespace {

using Documents = std::vector<std::unique_ptr<Document>>;

struct KindKey {
  const char* key;
  FileKind kind;
  std::string_view what;
};
constexpr KindKey k_kind_keys[] = {{"types_of", FileKind::types_of, "shared types"},
                                   {"adapter", FileKind::adapter, "an adapter"},
                                   {"workflow", FileKind::workflow, "a workflow"}};

// A scenario file names its workflow, too.
bool is_test(const Node& root) { return root.find("scenarios") != nullptr; }

FileKind kind_of_root(const Node& root) {
  if (is_test(root)) return FileKind::test;
  for (const KindKey& entry : k_kind_keys) {
    if (root.find(entry.key) != nullptr) return entry.kind;
  }
  return FileKind::unknown;
}

void reports_unknown_kind(Document& document) {
  const Node& root = *document.root;
  if (root.broken) return;
  if (!root.is_map()) {
    document.report.error(
        code::wrong_shape,
        root.span,
        "expected a map with `workflow`, `types_of` or `adapter`, got " + describe(root));
    return;
  }
  std::string hint =
      "a workflow begins with `vozex: 1` and `workflow: <name>`; shared types with `types_of: "
      "<name>`; an adapter with `adapter: <name>`";
  for (const Node& key : root.keys) {
    const std::string near = did_you_mean(key.text, {"workflow", "types_of", "adapter"});
    if (!near.empty()) hint = near;
  }
  document.report.error(code::unknown_file_kind,
                        root.span,
                        "this file is no workflow, types_of or adapter file",
                        hint);
}

void read_document(Document& document) {
  document.root = read_yaml(document.source, document.diagnostics, &document.hidden);
  if (!document.root) return;
  document.kind = kind_of_root(*document.root);
  if (document.kind == FileKind::unknown) reports_unknown_kind(document);
  for (const KindKey& entry : k_kind_keys) {
    if (document.kind != entry.kind) continue;
    const Node& name = *document.root->find(entry.key);
    document.name = name.text;
    if (name.broken || is_identifier(name.text)) continue;
    if (name.is_scalar()) {
      document.report.error(code::bad_name,
                            name.span,
                            "`" + name.text + "` can't be the name of " + std::string(entry.what),
                            "use letters, digits and _");
      continue;
    }
    document.report.error(
        code::wrong_shape,
        name.span,
        "expected a name for `" + std::string(entry.key) + "`, got " + describe(name));
  }
}

// YAML's own errors are not in the report's count.
bool is_good(const Document& document) { return !has_errors(document.diagnostics); }

void add_sources(Unit& unit) {
  machine::Machine& machine = *unit.machine;
  const auto add = [&](const Document& document) {
    machine.sources.push_back({document.source.name(), std::string(document.source.text())});
  };
  add(unit.document);
  std::string hashed(unit.document.source.text());
  const auto hash = [&](const Document& document) {
    hashed += '\0';
    hashed += document.source.text();
  };
  for (const std::string& name : unit.imports) {
    const Document& shared = *unit.library.shared.at(name)->document;
    add(shared);
    hash(shared);
  }
  std::set<std::string> added;
  for (const std::string& name : unit.used_adapters) {
    const Adapter& adapter = unit.library.adapters.at(name);
    add(*adapter.document);
    // A stored version must compile by itself.
    for (const std::string& import : adapter.imports) {
      const auto& imports = unit.imports;
      if (std::find(imports.begin(), imports.end(), import) == imports.end() &&
          added.insert(import).second) {
        add(*unit.library.shared.at(import)->document);
      }
    }
    // How its calls are carried out is part of a version. Declarations of adapters in C++ are not:
    // they may grow without one.
    if (!adapter.http) continue;
    hash(*adapter.document);
    for (const std::string& import : adapter.imports)
      hash(*unit.library.shared.at(import)->document);
  }
  machine.content_hash = sha256_hex(hashed);
}

void compile_unit(Unit& unit) {
  compile_declarations(unit);
  compile_states(unit);
  check_event_names(unit);
  check_machine(unit);
  apply_silences(unit.root.find("warnings"), unit.report);
  add_sources(unit);
}

std::vector<std::unique_ptr<Unit>> read_workflows(Documents& documents, Library& library) {
  std::vector<std::unique_ptr<Unit>> units;
  for (auto& document : documents) {
    if (document->kind != FileKind::workflow || !document->root || !document->root->is_map())
      continue;
    units.push_back(std::make_unique<Unit>(*document, library));
    read_header(*units.back());
  }
  // `migrate` asks for the states of another version.
  for (auto& unit : units) {
    outline_states(*unit);
    outline_invokes(*unit);
  }
  for (auto& unit : units) compile_unit(*unit);
  return units;
}

// A machine is usable when its own file and those it is made of have no errors.
bool is_usable(const Unit& unit) {
  if (!is_good(unit.document)) return false;
  for (const std::string& name : unit.imports) {
    if (!is_good(*unit.library.shared.at(name)->document)) return false;
  }
  return std::all_of(
      unit.used_adapters.begin(), unit.used_adapters.end(), [&](const std::string& name) {
        return is_good(*unit.library.adapters.at(name).document);
      });
}

std::optional<Diagnostic> closing_line(const Document& document) {
  const std::size_t hidden = document.hidden + document.report.hidden();
  if (hidden == 0) return std::nullopt;
  Diagnostic closing;
  closing.severity =
      document.hidden > 0 || document.report.has_errors() ? Severity::error : Severity::warning;
  closing.code = code::more_findings.id;
  closing.message = "and " + std::to_string(hidden) + " more in this file";
  closing.file = document.source.name();
  closing.hint = "mend these first";
  return closing;
}

Documents read_documents(const SourceSet& sources) {
  Documents documents;
  for (const machine::SourceFile& file : sources.files) {
    documents.push_back(std::make_unique<Document>(file));
    read_document(*documents.back());
  }
  return documents;
}

Contract contract_of(Unit& unit) {
  Contract contract;
  contract.workflow = unit.document.name;
  contract.file = unit.document.source.name();
  contract.input = unit.machine->input;
  contract.output = unit.machine->output;
  contract.data = unit.machine->data;
  contract.config = unit.machine->config;
  contract.invoked = unit.names.invoked;
  for (const auto& [name, event] : unit.events) contract.events[name] = event.data;
  for (const auto& [name, policy] : unit.policies) contract.policies.push_back(name);
  for (const std::string& name : unit.types.names())
    contract.types[name] = unit.types.find(name, unit.report);
  return contract;
}

}  // namespace

std::vector<Contract> contracts_of(const SourceSet& sources) {
  Documents documents = read_documents(sources);
  Library library;
  read_shared_files(documents, library);
  read_adapter_files(documents, library);
  std::vector<std::unique_ptr<Unit>> units;
  for (auto& document : documents) {
    if (document->kind != FileKind::workflow || !document->root || !document->root->is_map())
      continue;
    units.push_back(std::make_unique<Unit>(*document, library));
    read_header(*units.back());
  }
  std::vector<Contract> contracts;
  for (auto& unit : units) {
    outline_states(*unit);
    outline_invokes(*unit);
    contracts.push_back(contract_of(*unit));
  }
  return contracts;
}

Compilation compile(const SourceSet& sources) {
  Compilation result;
  Documents documents = read_documents(sources);
  Library library;
  read_shared_files(documents, library);
  read_adapter_files(documents, library);
  const auto units = read_workflows(documents, library);
  for (const auto& unit : units) {
    if (is_usable(*unit)) result.machines.push_back(unit->machine);
  }
  std::sort(result.machines.begin(),
            result.machines.end(),
            [](const machine::MachineRef& a, const machine::MachineRef& b) {
              return a->workflow != b->workflow ? a->workflow < b->workflow
                                                : a->version < b->version;
            });
  for (const auto& [name, adapter] : library.adapters) {
    for (const auto& [operation, declared] : adapter.operations)
      result.operations.push_back(declared);
  }
  for (const auto& document : documents) {
    result.diagnostics.insert(
        result.diagnostics.end(), document->diagnostics.begin(), document->diagnostics.end());
  }
  sort_diagnostics(result.diagnostics);
  // Behind all others: they say what is not there.
  for (const auto& document : documents) {
    if (auto closing = closing_line(*document)) result.diagnostics.push_back(std::move(*closing));
  }
  return result;
}

std::string render(const std::vector<Diagnostic>& diagnostics, const SourceSet& sources) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    const auto file = std::find_if(
        sources.files.begin(), sources.files.end(), [&](const machine::SourceFile& source) {
          return source.name == diagnostic.file;
        });
    text += vozex::render(
        diagnostic,
        file == sources.files.end() ? std::string_view() : std::string_view(file->text));
  }
  return text;
}

FileKind kind_of(std::string_view yaml_text) {
  const SourceText source("", std::string(yaml_text));
  std::vector<Diagnostic> ignored;
  const auto root = read_yaml(source, ignored);
  return root ? kind_of_root(*root) : FileKind::unknown;
}

}  // namespace vozex::language
