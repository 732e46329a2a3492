// SPDX-License-Identifier: Apache-2.0
//
// Certificates: PayPal's signing certificates, fetched once and kept a day; checked (chain, name,
// time) when they come in, and again for the time of each use. A folder of PEM files stands in for
// the network: `<name>.pem` is the certificate, all other files are intermediates. Bounded: so many
// are kept, so many fetched a minute, so that strangers can't make us fetch at will. Thread rule:
// any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/payments/gateway.h"
#include "adapters/payments/paypal/certificate.h"

namespace vozex::payments {

class Certificates {
 public:
  struct Options {
    std::string folder;   // "" = only the network
    std::string ca_file;  // "" = the system's roots
    bool origin_is_configured = false;
  };

  Certificates(Options options, const Surroundings& outside);

  // The certificate `name` at `url` (both already judged by certificate_name), of `host`. Errors:
  // webhook_certificate_invalid (refused), webhook_certificate_unavailable (unavailable).
  Result<std::shared_ptr<const Certificate>> get(const std::string& name,
                                                 const std::string& url,
                                                 const std::string& host,
                                                 Timestamp now);

 private:
  struct Kept {
    std::shared_ptr<const Certificate> certificate;
    Timestamp until;
  };
  Result<std::string> load(const std::string& name, const std::string& url, Timestamp now);
  bool may_fetch(Timestamp now);

  Options options_;
  Surroundings outside_;
  std::mutex mutex_;                  // guards what follows; not held while fetching
  std::map<std::string, Kept> kept_;  // by host and URL
  Timestamp minute_ = Timestamp::min();
  int fetched_ = 0;  // in this minute
};

}  // namespace vozex::payments
