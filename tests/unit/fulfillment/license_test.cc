// SPDX-License-Identifier: Apache-2.0
//
// Licences from issue to download: keys, documents, the adapter, the driver, links.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "adapters/fulfillment/download_service.h"
#include "adapters/fulfillment/license_download/license_driver.h"
#include "adapters/fulfillment/license_download/license_key.h"
#include "adapters/fulfillment/license_download/licenses_adapter.h"
#include "adapters/fulfillment/memory_license_store.h"
#include "engine/base/base64.h"
#include "engine/types/json.h"

namespace vozex::fulfillment {
namespace {

namespace fs = std::filesystem;
using types::Value;

class MovedClock final : public ports::Clock {
 public:
  Timestamp now() const override { return now_; }
  Duration boot() const override { return now_.time_since_epoch(); }
  void move(Duration by) { now_ += by; }

 private:
  Timestamp now_ = *parse_timestamp("2026-11-20T10:00:00Z");
};

Value parse(const std::string& json) {
  auto value = types::parse_json(json);
  EXPECT_TRUE(value) << json;
  return value.value_or(Value());
}

// A folder of its own with one artefact, a key, and the service over a store in memory.
class Licenses : public ::testing::Test {
 protected:
  Licenses()
      : folder_(make_folder()),
        service_(store_, clock_, load_key(), config()),
        downloads_(store_, clock_, folder_ / "files") {}
  ~Licenses() override { fs::remove_all(folder_); }

  static fs::path make_folder() {
    std::string pattern = (fs::temp_directory_path() / "vozex_licenses.XXXXXX").string();
    const fs::path folder = ::mkdtemp(pattern.data());
    fs::create_directories(folder / "files/app");
    std::ofstream(folder / "files/p1.zip") << "hello";
    std::ofstream(folder / "files/app/v2.tgz") << "second";
    std::ofstream(folder / "secret.txt") << "not yours";
    return folder;
  }
  SigningKey load_key() { return *SigningKey::load_or_create(folder_ / "keys/licenses.key"); }
  LicenseConfig config() {
    LicenseConfig config;
    config.artefact_folder = folder_ / "files";
    config.public_url = "https://shop.example/";
    return config;
  }

  ports::CallReply call(const std::string& operation,
                        const std::string& input,
                        const std::string& tenant = "t1") {
    ports::CallRequest request;
    request.operation = operation;
    request.input = parse(input);
    request.tenant = tenant;
    return adapter_.call(request);
  }
  ports::CallReply issue(const std::string& item = "i1", const std::string& more = "") {
    return call("issue",
                R"({"order_id":"o1","order_item_id":")" + item +
                    R"(","customer_id":"c1","product_id":"p1")" + more + "}");
  }
  static std::string token_of(const Value& reply) {
    const std::string url(reply.text_at("download_url"));
    return url.substr(url.rfind('/') + 1);
  }
  Verdict download(const std::string& token, Part part = Part::first) {
    const auto found = downloads_.resolve(token, part);
    return found ? Verdict::granted : found.error().verdict;
  }

  fs::path folder_;
  MovedClock clock_;
  MemoryLicenseStore store_;
  LicenseService service_;
  LicensesAdapter adapter_{service_};
  DownloadService downloads_;
};

TEST_F(Licenses, IssuedLicenceVerifiesOfflineAndSaysWhatWasBought) {
  const auto reply = issue(
      "i1",
      R"(,"seats":5,"config":{"seats":1,"features":["sso","api"]},"valid_days":365,"updates_days":30,"support_plan":"gold")");
  ASSERT_TRUE(reply);
  const auto key = PublicKey::parse(service_.public_key().text());
  ASSERT_TRUE(key);
  const auto facts = verify_license(reply->text_at("document"), *key, clock_.now());
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->license_id, reply->text_at("license_id"));
  EXPECT_EQ(facts->key, reply->text_at("license_key"));
  EXPECT_EQ(facts->order_item_id, "i1");
  EXPECT_EQ(facts->seats, 5);
  EXPECT_EQ(facts->features, (std::vector<std::string>{"sso", "api"}));
  EXPECT_EQ(facts->expires_at, clock_.now() + std::chrono::hours(24 * 365));
  EXPECT_EQ(facts->updates_until, clock_.now() + std::chrono::hours(24 * 30));
  EXPECT_EQ(facts->support_plan, "gold");
  EXPECT_EQ(reply->find("expires_at")->to_timestamp(), clock_.now() + std::chrono::hours(24));
  EXPECT_TRUE(
      std::string(reply->text_at("download_url")).starts_with("https://shop.example/download/"));
}

TEST_F(Licenses, ChangedDocumentIsRefused) {
  const auto reply = issue();
  const std::string document(reply->text_at("document"));
  const auto& key = service_.public_key();
  EXPECT_TRUE(verify_license(types::to_json(parse(document)), key, clock_.now()))
      << "without blanks it is the same";
  struct Row {
    Value document;
    const char* code;
  };
  const Value good = parse(document);
  for (const auto& row : std::vector<Row>{
           {good.with("seats", Value::integer(500)), "license_signature_wrong"},
           {good.with("extra", Value::boolean(true)), "license_signature_wrong"},
           {good.without("order_id"), "license_signature_wrong"},
           {good.without("signature"), "license_signature_wrong"},
           {good.with("signature", Value::string("!")), "license_malformed"},
           {good.with("key_id", Value::string("0000000000000000")), "license_unknown_key"},
           {good.with("format", Value::string("other")), "license_malformed"},
           {Value::list({}), "license_malformed"}}) {
    const auto verified = verify_license(types::to_json(row.document), key, clock_.now());
    ASSERT_FALSE(verified) << types::to_json(row.document);
    EXPECT_EQ(verified.error().code, row.code) << types::to_json(row.document);
  }
  EXPECT_FALSE(verify_license("", key, clock_.now()));
  EXPECT_FALSE(verify_license(std::string(100'000, '['), key, clock_.now()));
}

TEST_F(Licenses, ExpiredLicenceIsRefused) {
  const auto reply = issue("i1", R"(,"valid_days":1)");
  clock_.move(std::chrono::hours(24));
  EXPECT_EQ(
      verify_license(reply->text_at("document"), service_.public_key(), clock_.now()).error().code,
      "license_expired");
}

TEST_F(Licenses, SameItemAgainIsTheSameLicenceWithAFreshLink) {
  const auto first = issue();
  const auto again = issue();
  const auto other = issue("i2");
  ASSERT_TRUE(first && again && other);
  EXPECT_EQ(first->text_at("license_key"), again->text_at("license_key"));
  EXPECT_EQ(first->text_at("document"), again->text_at("document"));
  EXPECT_NE(first->text_at("download_url"), again->text_at("download_url"));
  EXPECT_NE(first->text_at("license_key"), other->text_at("license_key"));
}

TEST_F(Licenses, NothingToDeliverIsAnError) {
  EXPECT_EQ(issue("i1", R"(,"artefact":"nope.zip")").error().code, "no_artefact");
  EXPECT_EQ(issue("i1", R"(,"artefact":"../secret.txt")").error().code, "no_artefact");
  EXPECT_EQ(issue("i1", R"(,"seats":0)").error().code, "invalid_input");
  EXPECT_EQ(call("fly", "{}").error().code, "invalid_input");
}

TEST_F(Licenses, LinkLastsADayAndFiveDownloads) {
  const auto reply = issue("i1", R"(,"artefact":"app/v2.tgz")");
  ASSERT_TRUE(reply);
  const auto token = token_of(*reply);
  const auto file = downloads_.resolve(token, Part::first);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size, 6u);
  EXPECT_EQ(file->file_name, "v2.tgz");
  EXPECT_EQ(file->content_type, "application/gzip");
  EXPECT_EQ(file->remaining, 4);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(download(token), Verdict::granted);
  EXPECT_EQ(download(token), Verdict::used_up);
  EXPECT_EQ(download(token, Part::later), Verdict::granted);
  clock_.move(std::chrono::hours(24));
  EXPECT_EQ(download(token), Verdict::expired);
  EXPECT_EQ(download(token + "x"), Verdict::unknown);
  EXPECT_EQ(download(std::string(43, 'A')), Verdict::unknown);
}

TEST_F(Licenses, SuspendRestoreRevokeAndNewLinks) {
  const auto reply = issue();
  const std::string ref = R"({"license_id":")" + std::string(reply->text_at("license_id")) + R"(")";
  EXPECT_EQ(types::to_json(*call("suspend", ref + "}")),
            types::to_json(parse(ref + R"(,"status":"suspended"})")));
  EXPECT_EQ(download(token_of(*reply)), Verdict::suspended);
  EXPECT_EQ(call("new_link", ref + "}").error().code, "suspended");
  EXPECT_TRUE(call("restore", ref + "}"));
  EXPECT_EQ(download(token_of(*reply)), Verdict::granted);
  const auto link = call("new_link", ref + R"(,"revoke_earlier":true})");
  ASSERT_TRUE(link);
  EXPECT_EQ(download(token_of(*reply)), Verdict::revoked);
  EXPECT_EQ(download(token_of(*link)), Verdict::granted);
  EXPECT_TRUE(call("revoke", ref + "}"));
  EXPECT_TRUE(call("revoke", ref + "}")) << "again";
  EXPECT_EQ(download(token_of(*link)), Verdict::revoked);
  EXPECT_EQ(call("restore", ref + "}").error().code, "revoked");
  EXPECT_EQ(issue().error().code, "revoked");
  EXPECT_EQ(call("suspend", R"({"license_id":"lic_none"})").error().code, "not_found");
  EXPECT_EQ(call("suspend", ref + "}", "t2").error().code, "not_found") << "another tenant's";
}

TEST_F(Licenses, DriverDeliversAndTakesBack) {
  DriverRegistry drivers;
  drivers.add(std::make_unique<LicenseDriver>(service_));
  EXPECT_EQ(drivers.names_for("self_hosted_license"), std::vector<std::string>{"license_download"});
  EXPECT_TRUE(drivers.names_for("saas_multitenant").empty());
  Driver* driver = drivers.find("license_download");
  ASSERT_NE(driver, nullptr);
  const FulfilRequest request{"t1", "o1", "i1", "c1", "p1", parse(R"({"seats":3})")};
  EXPECT_EQ(driver->status(request)->status, "queued");
  EXPECT_EQ(driver->cancel({"t1", "o1", "i9", "c1", "p1", {}})->status, "cancelled")
      << "nothing to take back";
  const auto done = driver->fulfil(request);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->status, "active");
  EXPECT_EQ(driver->fulfil(request)->reference, done->reference);
  EXPECT_TRUE(driver->suspend(request)->suspended);
  EXPECT_FALSE(driver->resume(request)->suspended);
  EXPECT_EQ(driver->upgrade(request).error().code, "refused");
  EXPECT_EQ(driver->cancel(request)->status, "cancelled");
  EXPECT_EQ(driver->status(request)->status, "cancelled");
}

TEST_F(Licenses, SigningKeyIsKeptAndPrivate) {
  const fs::path file = folder_ / "keys/licenses.key";
  struct stat info{};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(load_key().public_key().text(), service_.public_key().text());
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  EXPECT_EQ(SigningKey::load_or_create(file).error().code, "signing_key_exposed");
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  std::ofstream(file) << "ed25519-seed:short\n";
  EXPECT_EQ(SigningKey::load_or_create(file).error().code, "signing_key_malformed");
  EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()), 1)
      << "no leftovers";
}

// RFC 8032, section 7.1, test 2.
TEST(SigningKeyVector, IsEd25519) {
  std::string pattern = (fs::temp_directory_path() / "vozex_rfc8032.XXXXXX").string();
  const fs::path folder = ::mkdtemp(pattern.data());
  const std::string seed =
      "\x4c\xcd\x08\x9b\x28\xff\x96\xda\x9d\xb6\xc3\x46\xec\x11\x4e\x0f\x5b\x8a\x31\x9f\x35\xab\xa6"
      "\x24\xda\x8c\xf6\xed"
      "\x4f\xb8\xa6\xfb";
  {
    std::ofstream(folder / "k") << "ed25519-seed:" << base64url(seed) << "\n";
  }
  fs::permissions(folder / "k", fs::perms::owner_read | fs::perms::owner_write);
  const auto key = SigningKey::load_or_create(folder / "k");
  ASSERT_TRUE(key);
  const auto signature = key->sign("\x72");
  EXPECT_EQ(static_cast<unsigned char>(signature[0]), 0x92);
  EXPECT_EQ(static_cast<unsigned char>(signature[1]), 0xa0);
  EXPECT_EQ(static_cast<unsigned char>(signature[63]), 0x00);
  EXPECT_TRUE(key->public_key().verifies("\x72", signature));
  EXPECT_FALSE(key->public_key().verifies("\x73", signature));
  EXPECT_FALSE(key->public_key().verifies("\x72", signature.substr(1)));
  fs::remove_all(folder);
}

TEST(LicenseKey, IsReadableAndCatchesEverySlip) {
  std::set<std::string> keys;
  for (int i = 0; i < 200; ++i) {
    const auto key = new_license_key();
    ASSERT_EQ(key.size(), 29u) << key;
    EXPECT_EQ(normalise_license_key(key), key);
    keys.insert(key);
    for (std::size_t at = 0; at < key.size(); ++at) {
      if (key[at] == '-') continue;
      std::string wrong = key;
      wrong[at] = key[at] == '7' ? '8' : '7';
      EXPECT_FALSE(normalise_license_key(wrong)) << wrong;
      std::string swapped = key;
      const auto next = at + 1 < key.size() && key[at + 1] == '-' ? at + 2 : at + 1;
      if (next >= key.size() || key[next] == key[at]) continue;
      std::swap(swapped[at], swapped[next]);
      EXPECT_FALSE(normalise_license_key(swapped)) << key << " " << swapped;
    }
  }
  EXPECT_EQ(keys.size(), 200u);
}

TEST(LicenseKey, ForgivesHowPeopleType) {
  const std::string zeros = "00000-00000-00000-00000-00000";
  EXPECT_EQ(normalise_license_key(zeros), zeros);
  EXPECT_EQ(normalise_license_key("ooooo OOOOO 0000000000oooo0"), zeros);
  const std::string ones = "11111-11111-11111-11111-1111";
  for (const char check : std::string("0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U")) {
    const auto key = normalise_license_key(ones + check);
    if (!key) continue;
    EXPECT_EQ(normalise_license_key("iIlL1iIlL1iIlL1iIlL1iIlL" + std::string(1, check)), key);
  }
  for (const char* text : {"",
                           "-",
                           "00000-00000-00000-00000-0000",
                           "00000-00000-00000-00000-000000",
                           "0000U-00000-00000-00000-00000"}) {
    EXPECT_FALSE(normalise_license_key(text)) << text;
  }
}

TEST(DownloadPart, FirstByteCountsLaterBytesDont) {
  struct Row {
    const char* method;
    const char* range;
    Part part;
  };
  for (const auto& row : std::vector<Row>{{"GET", "", Part::first},
                                          {"GET", "bytes=0-", Part::first},
                                          {"GET", "bytes=000-99", Part::first},
                                          {"GET", "bytes=1-", Part::later},
                                          {"GET", "bytes=100-200", Part::later},
                                          {"GET", "bytes=-500", Part::first},
                                          {"GET", "bytes=100-200,0-1", Part::first},
                                          {"GET", "bytes=x-", Part::first},
                                          {"GET", "items=5-", Part::first},
                                          {"HEAD", "", Part::look}}) {
    EXPECT_EQ(part_of(row.method, row.range), row.part) << row.range;
  }
}

TEST(Artefacts, StayInTheirFolder) {
  std::string pattern = (fs::temp_directory_path() / "vozex_artefacts.XXXXXX").string();
  const fs::path root = ::mkdtemp(pattern.data());
  fs::create_directories(root / "files");
  fs::create_directories(root / "files2");
  std::ofstream(root / "files/a.zip") << "a";
  std::ofstream(root / "files2/b.zip") << "b";
  fs::create_symlink(root / "files2/b.zip", root / "files/link.zip");
  const auto found = [&](const char* name) {
    return find_artefact(root / "files", name).has_value();
  };
  EXPECT_TRUE(found("a.zip"));
  EXPECT_TRUE(found("./a.zip"));
  for (const char* name : {"", ".", "..", "../files2/b.zip", "link.zip", "/etc/hostname", "nope"})
    EXPECT_FALSE(found(name)) << name;
  EXPECT_FALSE(find_artefact(root / "none", "a.zip"));
  fs::remove_all(root);
}

}  // namespace
}  // namespace vozex::fulfillment
