// SPDX-License-Identifier: Apache-2.0
//
// AnswersTogether: as long as it lives, what its thread answers to requests is kept, and then goes
// to each of the server's threads with one wake-up. For who has many answers at a time: given one
// by one, the first wakes a server's thread, which takes the processor from who has the others.
// Thread rule: one thread, on its stack. Tests: tests/unit/server.
#pragma once

#include <vector>

namespace vozex::http {

class Mailbox;

class AnswersTogether {
 public:
  AnswersTogether();
  ~AnswersTogether();
  AnswersTogether(const AnswersTogether&) = delete;
  AnswersTogether& operator=(const AnswersTogether&) = delete;

 private:
  friend class Mailbox;
  struct Kept;
  Kept& kept_for(Mailbox& box);

  static thread_local AnswersTogether* current_;
  AnswersTogether* outer_;
  std::vector<Kept> kept_;
};

}  // namespace vozex::http
