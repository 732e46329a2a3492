// SPDX-License-Identifier: Apache-2.0
//
// One request to a gateway's REST interface: its time left, its answer as a value, its complaint as
// a call error. How a request is signed in, and what its complaints mean, is the gateway's. Thread
// rule: any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "adapters/payments/exchange.h"
#include "adapters/payments/gateway.h"

namespace vozex::payments {

// A gateway's own code that means something to a lifecycle; nothing was done whenever it comes with
// a status below 500.
struct KnownCode {
  std::string_view wire;
  const char* code;
  bool retryable;
};

// What an error's body says: the gateway's code, and a sentence for people.
struct Complaint {
  std::string wire;
  std::string text;
  std::string reason = {};  // why the bank said no, in the gateway's word
};

class Rest {
 public:
  // `codes` must outlive this.
  Rest(std::string title,
       Complaint (*read_complaint)(const types::Value& body),
       std::span<const KnownCode> codes,
       const Surroundings& outside);

  // A map; an empty one where the gateway answers with no content. `status` gets the answer's, when
  // one came.
  Answer<types::Value> send(http::HttpRequest request,
                            Effect effect,
                            Deadline deadline,
                            int* status = nullptr) const;

  const Surroundings& outside() const { return outside_; }
  const std::string& title() const { return title_; }

 private:
  ports::CallError described(const http::HttpResponse& response, Effect effect) const;
  ports::CallError error_of(const http::HttpResponse& response, Effect effect) const;

  std::string title_;
  Complaint (*read_complaint_)(const types::Value& body);
  std::span<const KnownCode> codes_;
  Surroundings outside_;
};

// The secret behind a reference, or the error not_configured with details {missing: secret}.
Answer<std::string> need_secret(const Surroundings& outside,
                                const std::string& reference,
                                std::string_view title);

// A key of at most `longest` bytes: `text` as it is, or its SHA-256 in hex when it is longer.
std::string idempotency_key(const std::string& text, std::size_t longest);

}  // namespace vozex::payments
