// SPDX-License-Identifier: Apache-2.0
//
// The parts that stored snapshots, events and history share. Internal to codec*.cc, event_codec.cc
// and history.cc.
#pragma once

#include "engine/machine/codec.h"
#include "engine/machine/json_reader.h"
#include "engine/machine/json_writer.h"

namespace vozex::machine {

void write_event(JsonWriter& json, const Event& event);
Event read_event(JsonReader& reader, const types::Value& value);

void write_error(JsonWriter& json, const ErrorInfo& error);
ErrorInfo read_error(JsonReader& reader, const types::Value& value);

}  // namespace vozex::machine
