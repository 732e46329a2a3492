// SPDX-License-Identifier: Apache-2.0
#include "api/house.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "adapters/fulfillment/license_download/license_service.h"
#include "adapters/fulfillment/license_download/licenses_adapter.h"
#include "adapters/http/http_client.h"
#include "adapters/system/clock.h"
#include "adapters/system/random.h"
#include "adapters/system/secrets.h"
#include "api/catalog_door.h"
#include "api/cli/files.h"
#include "api/declared_adapters.h"
#include "api/doors.h"
#include "api/gateway_door.h"
#include "api/handlers/audit.h"
#include "api/handlers/batches.h"
#include "api/handlers/incidents.h"
#include "api/handlers/key_ring.h"
#include "api/handlers/routes.h"
#include "api/http/answers_together.h"
#include "api/http/server.h"
#include "api/retention.h"
#include "api/storage.h"

namespace vozex::program {
namespace {

constexpr std::size_t k_workers = 8;
constexpr std::size_t k_max_queued_jobs = 4096;
constexpr std::chrono::seconds k_grace{12};  // longer than a checkout waits

Result<handlers::KeyRing> key_ring(const cli::ServeSettings& settings,
                                   const ports::Secrets& secrets) {
  handlers::KeyRing keys;
  for (const auto& [name, reference] : settings.keys) {
    const auto key = secrets.get(reference);
    if (!key) {
      return fail(
          ErrorClass::invalid,
          "no_api_key",
          fmt::format(
              "The API key of \"{}\" is to be found at {}, and there is none.", name, reference));
    }
    if (!keys.add(name, *key)) {
      return fail(ErrorClass::invalid,
                  "no_api_key",
                  "The API key of \"" + name + "\" is shorter than " +
                      std::to_string(handlers::KeyRing::k_min_key_bytes) +
                      " bytes: it could be guessed.");
    }
  }
  if (keys.empty()) {
    return fail(ErrorClass::invalid,
                "no_api_key",
                "No API key is configured, so nobody could use the API. Give at least one: "
                "--api-key shop=env:SHOP_KEY.");
  }
  return keys;
}

Result<handlers::Library::Attempt> compile_workflows(const std::vector<std::string>& paths) {
  if (paths.empty()) return handlers::Library::Attempt{};
  auto found = cli::find_files(paths);
  if (!found) return tl::unexpected(found.error());
  handlers::Library::Attempt attempt{found->sources, language::compile(found->sources)};
  if (has_errors(attempt.compilation.diagnostics)) {
    return fail(ErrorClass::invalid,
                "invalid_workflow",
                "The workflows have mistakes:\n" +
                    language::render(attempt.compilation.diagnostics, attempt.sources));
  }
  return attempt;
}

Result<void> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return {};
  return fail(ErrorClass::invalid,
              "config_invalid",
              "Can't make the folder " + path + ": " + error.message() + ".");
}

std::string process_name() {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  return std::string(host) + ":" + std::to_string(::getpid());
}

runtime::EngineOptions engine_options(const cli::ServeSettings& settings) {
  runtime::EngineOptions options;
  options.name = process_name();
  options.lanes = settings.lanes;
  options.lease = settings.session_lease;
  options.beat = settings.session_beat;
  options.config = settings.config;
  options.adapter_limits = settings.concurrency;
  options.max_queued_events = settings.max_queued_events;
  options.max_parked_events = settings.max_parked_events;
  options.park_for = settings.max_parked_time;
  return options;
}

}  // namespace

// In the order in which they are built; they end in the opposite order.
struct House::Rooms {
  explicit Rooms(cli::ServeSettings given) : settings(std::move(given)) {}

  Result<void> furnish();
  void make_server(const cli::Address& address);

  const cli::ServeSettings settings;
  system::SystemClock clock;
  system::SystemRandom random;
  system::SystemSecrets secrets;
  handlers::KeyRing keys;
  handlers::Library::Attempt workflows;
  std::unique_ptr<Storage> storage;
  http::HttpClient client;
  std::unique_ptr<DeclaredAdapters> declared_adapters;
  std::unique_ptr<payments::PaymentsAdapter> payments_adapter;
  std::unique_ptr<handlers::GatewayDoor> gateways;
  std::unique_ptr<fulfillment::LicenseService> licenses;
  std::unique_ptr<fulfillment::LicensesAdapter> licenses_adapter;
  std::unique_ptr<fulfillment::DownloadService> download_service;
  std::unique_ptr<CatalogRoom> catalog_room;
  std::vector<std::unique_ptr<handlers::WebhookSource>> webhooks;
  std::unique_ptr<handlers::Downloads> downloads;
  handlers::Library library;
  handlers::Metrics metrics;
  handlers::Changes changes;
  handlers::InFlight in_flight;
  handlers::Workers workers{k_workers, k_max_queued_jobs};
  std::unique_ptr<runtime::Engine> engine;
  handlers::Services services;
  std::unique_ptr<runtime::BulkDriver> bulk;
  handlers::BatchServices batch_services;
  std::unique_ptr<handlers::CatalogDoor> catalog_door;
  handlers::CatalogServices catalog_services;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<Retention> retention;
};

Result<void> House::Rooms::furnish() {
  auto ring = key_ring(settings, secrets);
  if (!ring) return tl::unexpected(ring.error());
  keys = *std::move(ring);
  auto compiled = compile_workflows(settings.workflows);
  if (!compiled) return tl::unexpected(compiled.error());
  workflows = *std::move(compiled);
  library.add(workflows.sources.files);
  const auto address = cli::parse_address(settings.listen);
  if (!address) return tl::unexpected(address.error());

  for (const std::string& folder : {settings.state, settings.artifacts}) {
    if (auto made = make_folder(folder); !made) return made;
  }
  auto signing_key = fulfillment::SigningKey::load_or_create(settings.signing_key);
  if (!signing_key) return tl::unexpected(signing_key.error());
  auto opened = open_storage(settings.store);
  if (!opened) return tl::unexpected(opened.error());
  storage = *std::move(opened);

  auto declared = declared_settings(settings.adapters);
  if (!declared) return tl::unexpected(declared.error());
  declared_adapters = std::make_unique<DeclaredAdapters>(
      *std::move(declared), http::DeclaredAdapter::Surroundings{client, secrets, clock});

  const auto plan = plan_of(settings.retention);
  if (!plan) return tl::unexpected(plan.error());
  retention = std::make_unique<Retention>(
      storage->retention(), clock, settings.retention.archive, *plan, settings.retention.every);

  auto configured = payments::make_gateways(settings.gateways, {client, secrets, clock});
  if (!configured) return tl::unexpected(configured.error());
  payments_adapter = std::make_unique<payments::PaymentsAdapter>(*std::move(configured), clock);
  fulfillment::LicenseConfig license_config;
  license_config.artefact_folder = settings.artifacts;
  license_config.public_url = settings.public_url;
  licenses = std::make_unique<fulfillment::LicenseService>(
      storage->licenses(), clock, *std::move(signing_key), license_config);
  licenses_adapter = std::make_unique<fulfillment::LicensesAdapter>(*licenses);
  download_service = std::make_unique<fulfillment::DownloadService>(
      storage->licenses(), clock, settings.artifacts);
  declared_adapters->know(workflows.compilation.operations);
  catalog_room =
      std::make_unique<CatalogRoom>(storage->catalog_entries(),
                                    clock,
                                    *payments_adapter,
                                    *declared_adapters,
                                    fulfillment::ConnectionTools{client, secrets, clock});
  webhooks = gateway_webhooks(*payments_adapter);
  gateways = gateway_door(*payments_adapter);
  downloads = license_downloads(*download_service);

  std::vector<ports::Adapter*> adapters = catalog_room->adapters();
  adapters.insert(adapters.begin(), {payments_adapter.get(), licenses_adapter.get()});
  engine = std::make_unique<runtime::Engine>(
      runtime::Engine::Ports{
          &storage->store(),
          &clock,
          &random,
          std::move(adapters),
          [this](std::string_view name) { return declared_adapters->find(name); }},
      engine_options(settings));
  declared_adapters->look_into([this] { return engine->definitions(); });
  engine->watch([this](const auto& change) { changes.notify(change); },
                [this](const auto& change) { return changes.is_wanted(change); });
  engine->surround([](const std::function<void()>& give) {
    const http::AnswersTogether together;
    give();
  });
  make_server(*address);
  return {};
}

void House::Rooms::make_server(const cli::Address& address) {
  services.engine = engine.get();
  services.queries = &storage->store().queries();
  services.inbox = &storage->store().inbox();
  services.audit = &storage->audit();
  services.clock = &clock;
  services.random = &random;
  services.workers = &workers;
  services.changes = &changes;
  services.library = &library;
  services.in_flight = &in_flight;
  services.downloads = downloads.get();
  services.license_key = published_key(licenses->public_key());
  for (const auto& source : webhooks) services.webhooks.push_back(source.get());
  bulk = std::make_unique<runtime::BulkDriver>(
      runtime::BulkDriver::Ports{
          engine.get(), &storage->batches(), services.queries, &clock, &random},
      settings.session_lease);
  engine->listen(bulk->listener());
  engine->listen([this](const ports::News& news) { changes.heard(news); });
  batch_services = {&services, &storage->batches(), bulk.get()};
  auto router = handlers::make_router(services, metrics);
  handlers::add_batches(router, batch_services);
  handlers::add_incidents(router, services);
  handlers::add_gateway_metrics(router, *gateways);
  catalog_door = program::catalog_door(*catalog_room);
  catalog_services = {&services, catalog_door.get()};
  handlers::add_catalog(router, catalog_services);
  handlers::add_quotes(router, catalog_services);
  handlers::add_audit(router, services);
  handlers::keep_audit(router, services);               // of all that stand above
  handlers::add_gateways(router, services, *gateways);  // a question changes nothing
  http::ServerOptions options;
  options.address = address.host;
  options.port = address.port;
  options.threads = settings.threads;
  const auto observe = [this](std::string_view method,
                              std::string_view pattern,
                              unsigned status,
                              std::chrono::microseconds took) {
    metrics.observe(method, pattern, status, took);
    if (status >= 500)
      spdlog::warn(
          "http method={} route={} status={} ms={}", method, pattern, status, took.count() / 1000);
  };
  server = std::make_unique<http::Server>(
      options, std::move(router), [this](std::string_view key) { return keys.find(key); }, observe);
}

House::House(std::unique_ptr<Rooms> rooms) : rooms_(std::move(rooms)) {}
House::~House() = default;

Result<std::unique_ptr<House>> House::open(const cli::ServeSettings& settings) {
  auto rooms = std::make_unique<Rooms>(completed(settings));
  if (auto furnished = rooms->furnish(); !furnished) return tl::unexpected(furnished.error());
  return std::unique_ptr<House>(new House(std::move(rooms)));
}

Result<void> House::run() {
  if (auto running = rooms_->engine->run(); !running) return running;
  const auto deployed = rooms_->engine->deploy(rooms_->workflows.compilation.machines);
  if (!deployed) return tl::unexpected(deployed.error());
  for (const auto& one : *deployed) {
    spdlog::info("workflow {} version {} {}",
                 one.workflow,
                 one.version,
                 one.is_new ? "deployed" : "is deployed");
  }
  for (const std::string& missing :
       rooms_->declared_adapters->missing(rooms_->workflows.compilation.operations)) {
    spdlog::warn("{}", missing);
  }
  // What was deployed over the API by an earlier process is part of the library, too.
  for (const machine::MachineRef& machine : rooms_->engine->definitions()) {
    const auto newest = rooms_->engine->newest(machine->workflow);
    if (newest == machine && rooms_->workflows.sources.files.empty())
      rooms_->library.add(machine->sources);
  }
  rooms_->bulk->start();
  if (auto listening = rooms_->server->run(); !listening) return listening;
  rooms_->retention->start();
  spdlog::info("listening on http://{}, store {}",
               rooms_->settings.listen,
               public_text(rooms_->settings.store));
  return {};
}

void House::stop() {
  rooms_->retention->stop();
  rooms_->changes.close();  // who waits is answered now
  rooms_->server->stop(k_grace);
  rooms_->workers.stop();
  rooms_->bulk->stop();
  rooms_->engine->stop(std::chrono::seconds(10));
}

cli::ServeSettings completed(cli::ServeSettings settings) {
  if (settings.artifacts.empty()) settings.artifacts = settings.state + "/artifacts";
  if (settings.signing_key.empty()) settings.signing_key = settings.state + "/license-signing.key";
  if (settings.retention.archive.empty()) settings.retention.archive = settings.state + "/archive";
  if (settings.public_url.empty()) settings.public_url = "http://" + settings.listen;
  if (settings.store.empty()) {
    std::error_code ignored;
    settings.store =
        "sqlite://" + std::filesystem::absolute(settings.state + "/vozex.db", ignored).string();
  }
  return settings;
}

}  // namespace vozex::program
