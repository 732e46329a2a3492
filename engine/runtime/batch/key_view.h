// SPDX-License-Identifier: Apache-2.0
//
// KeyView: who holds which key, as one batch sees it: what was loaded, changed by what the batch
// itself has decided so far. A key that was never loaded is not known. Values only. Tests:
// tests/unit/runtime.
#pragma once

#include <map>
#include <vector>

#include "engine/ports/rows.h"

namespace vozex::runtime {

struct Holder {
  ports::InstanceKey instance;
  bool ended = false;
};

class KeyView {
 public:
  // The answer of the store about `asked`.
  void load(const std::vector<ports::BindingKey>& asked, const std::vector<ports::BoundRow>& rows);
  // Known from a cached snapshot: the only live holder of a business key.
  void assume(const ports::BindingKey& key, const ports::InstanceKey& holder);

  bool knows(const ports::BindingKey& key) const;
  const std::vector<Holder>& holders(const ports::BindingKey& key) const;
  // Early events waited on it when it was loaded.
  bool is_waited_on(const ports::BindingKey& key) const;

  // What the batch decides. Unknown keys learn only of this change, and stay unknown.
  void bind(const ports::BindingKey& key, const ports::InstanceKey& instance);
  void release(const ports::BindingKey& key, const ports::InstanceKey& instance);
  void end(const ports::BindingKey& key, const ports::InstanceKey& instance);
  // The instances whose decisions in this batch changed who holds it.
  const std::vector<InstanceId>& changers(const ports::BindingKey& key) const;

 private:
  struct Entry {
    bool known = false;
    bool waiting = false;
    std::vector<Holder> holders;
    std::vector<InstanceId> changed;
  };
  void note(Entry& entry, const InstanceId& instance);
  std::map<ports::BindingKey, Entry> entries_;
};

}  // namespace vozex::runtime
