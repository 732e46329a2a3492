// SPDX-License-Identifier: Apache-2.0
//
// The parts of a test file that have shapes of their own: steps and mocks. Internal to reading
// (scenario_file.cc).
#pragma once

#include <optional>

#include "engine/lab/scenario_file.h"
#include "engine/lab/typed_nodes.h"

namespace vozex::lab {

struct FileReader {
  const language::Compilation& compiled;
  machine::MachineRef machine;  // under test
  language::Report& report;

  machine::MachineRef find_machine(std::string_view workflow) const;
  // Of the workflow under test; says at `node` when none of the files is that version.
  machine::MachineRef find_version(const language::Node& node, std::uint32_t version) const;
  machine::OperationRef find_operation(std::string_view name) const;
  // Of all machines of the set, the one under test first: an event has one type in an installation.
  types::TypeRef event_type(std::string_view event) const;
};

std::optional<Step> read_step(FileReader& reader,
                              const language::Node& node,
                              const language::Node* start_defaults);
bool read_expectations(FileReader& reader, const language::Node& node, ExpectStep& step);
bool read_mocks(FileReader& reader, const language::Node& node, Mocks& mocks);

}  // namespace vozex::lab
