// SPDX-License-Identifier: Apache-2.0
//
// Authority: a certification authority of the sandbox's own, and the certificate that it gave to
// "messageverificationcerts.sandbox.paypal.com", so that the chain, the name and the signature of
// webhooks can be checked as PayPal's are. Made anew at each start; trusted only by those who are
// told to. Thread rule: one thread.
#pragma once

#include <memory>
#include <string>

namespace vozex::sandbox {

class Authority {
 public:
  Authority();
  ~Authority();

  // Its own certificate: what a verifier must trust. PEM.
  std::string root() const;
  // The certificate that signs webhooks, PEM, and its name ("CERT-...").
  std::string certificate();
  std::string name();
  // RSA PKCS#1 v1.5 with SHA-256, as bytes.
  std::string sign(const std::string& text);

 private:
  struct Parts;
  void need_leaf();
  std::unique_ptr<Parts> parts_;
};

}  // namespace vozex::sandbox
