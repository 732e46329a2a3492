// SPDX-License-Identifier: Apache-2.0
//
// Certificate: one X.509 certificate with a chain to a trusted root, valid at a time, for a name;
// what it verifies. Trust: the roots of a file, or the system's. Intermediates come with the
// certificate or from outside; they are never trusted by themselves. Thread rule: immutable after
// it was made. Tests: tests/unit/payments/paypal_webhooks_test.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace vozex::payments {

class Certificate {
 public:
  struct Rules {
    std::string host;           // must be among its names
    std::string intermediates;  // PEM, may be empty
    std::string ca_file;        // "" = the system's roots
    Timestamp now;
  };

  // `pem`: the certificate, and perhaps its intermediates after it. Error, class `refused`:
  // webhook_certificate_invalid.
  static Result<Certificate> open(std::string_view pem, const Rules& rules);

  Certificate(Certificate&&) noexcept;
  Certificate& operator=(Certificate&&) noexcept;
  ~Certificate();

  // RSA PKCS#1 v1.5 with SHA-256.
  bool signed_by_it(std::string_view text, std::string_view signature) const;
  bool is_valid_at(Timestamp now) const;

 private:
  struct Parts;
  explicit Certificate(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace vozex::payments
