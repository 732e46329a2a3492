// SPDX-License-Identifier: Apache-2.0
//
// Doors: the small interfaces of api/handlers, opened onto the adapters. Thread rule: any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/fulfillment/download_service.h"
#include "adapters/fulfillment/license_download/signing_key.h"
#include "adapters/payments/payments_adapter.h"
#include "api/handlers/services.h"

namespace vozex::program {

// One source for each gateway: /webhooks/<gateway>. `payments` must outlive them.
std::vector<std::unique_ptr<handlers::WebhookSource>> gateway_webhooks(
    const payments::PaymentsAdapter& payments);

// `service` must outlive it.
std::unique_ptr<handlers::Downloads> license_downloads(fulfillment::DownloadService& service);

// What /.well-known/license-key shows.
std::string published_key(const fulfillment::PublicKey& key);

// `text`: "ed25519:...", or what /.well-known/license-key shows. Says what the document says; the
// exit code.
int verify_license_file(const std::string& document, const std::string& text, Timestamp now);

}  // namespace vozex::program
