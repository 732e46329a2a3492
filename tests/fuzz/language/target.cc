// SPDX-License-Identifier: Apache-2.0
// The YAML loader and the compiler: whatever the text, diagnostics that can be shown or a machine.
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/assert.h"
#include "engine/base/diagnostic.h"
#include "engine/language/compile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vozex;
  std::string text(reinterpret_cast<const char*>(data), size);
  language::SourceSet set;
  // A second file stands behind a line of its own, so that imports are reached.
  const std::string border = "\n---8<---\n";
  const std::size_t cut = text.find(border);
  if (cut != std::string::npos) {
    set.files.push_back({"b.yaml", text.substr(cut + border.size())});
    text.resize(cut);
  }
  set.files.push_back({"a.yaml", std::move(text)});
  const language::Compilation compiled = language::compile(set);
  (void)language::render(compiled.diagnostics, set);
  return 0;
}
