// SPDX-License-Identifier: Apache-2.0
//
// HotStatement: what runs for every batch, or again and again beside them, so that tests can ask
// PostgreSQL how it would be carried out.
#pragma once

namespace vozex::postgres {

struct HotStatement {
  const char* name;
  const char* sql;
  const char* parameters = nullptr;  // their types, where they are not buckets and ids
};

}  // namespace vozex::postgres
