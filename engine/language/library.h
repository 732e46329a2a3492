// SPDX-License-Identifier: Apache-2.0
//
// What the files of a set offer each other: shared types, events and policies; adapters; workflows
// that can be invoked.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/language/compile.h"
#include "engine/language/node.h"
#include "engine/language/policies.h"
#include "engine/language/report.h"
#include "engine/language/source_text.h"
#include "engine/language/type_table.h"
#include "engine/machine/machine.h"

namespace vozex::language {

// One file of the set, read.
struct Document {
  explicit Document(const machine::SourceFile& file)
      : source(file.name, file.text), report(source, diagnostics) {}
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  SourceText source;
  std::vector<Diagnostic> diagnostics;
  Report report;
  std::optional<Node> root;
  std::size_t hidden = 0;  // findings of reading that were cut
  FileKind kind = FileKind::unknown;
  std::string name;  // of the workflow, the types or the adapter
};

struct EventType {
  types::TypeRef data;
  std::string from;  // file that declares it
};
using EventTypes = std::map<std::string, EventType, std::less<>>;

// A `types_of:` file.
struct SharedTypes {
  const Document* document = nullptr;
  TypeTable types;
  EventTypes events;
  Policies policies;
  std::vector<std::string> imports;
};

struct Adapter {
  const Document* document = nullptr;
  std::map<std::string, machine::OperationRef, std::less<>> operations;
  std::vector<std::string> imports;
  bool http = false;  // carried out as the file says
};

// What an invoking workflow knows of another.
struct WorkflowOutline {
  const Document* document = nullptr;
  std::uint32_t version = 0;
  types::TypeRef input;   // object
  types::TypeRef output;  // object, null without
};

struct Library {
  std::map<std::string, std::unique_ptr<SharedTypes>, std::less<>> shared;
  std::map<std::string, Adapter, std::less<>> adapters;
  std::map<std::string, WorkflowOutline, std::less<>> workflows;  // of each the newest version
  // Every version, its states outlined: what `migrate` maps from.
  std::map<std::pair<std::string, std::uint32_t>, const machine::Machine*> versions;
  EventTypes events;  // of all files: one name has one type
};

// What a file imports, resolved: names of shared files in order, each once, those they import
// before them.
std::vector<std::string> imports_of(const Node* import, const Library& library, Report& report);

// Reads all `types_of:` and `adapter:` documents into `library`.
void read_shared_files(std::vector<std::unique_ptr<Document>>& documents, Library& library);
void read_adapter_files(std::vector<std::unique_ptr<Document>>& documents, Library& library);

// One event name has one type in an installation: reports a second, different one.
void declare_event_type(Library& library,
                        const std::string& event,
                        const types::TypeRef& type,
                        const Span& span,
                        Report& report);

// `vozex: 1`; reports what is wrong with it.
void check_language_version(const Node& root, Report& report);

// Names of a map's entries.
template <class Map>
std::vector<std::string> names_in(const Map& map) {
  std::vector<std::string> names;
  names.reserve(map.size());
  for (const auto& entry : map) names.push_back(entry.first);
  return names;
}

}  // namespace vozex::language
