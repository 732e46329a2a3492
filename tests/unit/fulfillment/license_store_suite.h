// SPDX-License-Identifier: Apache-2.0
//
// What every LicenseStore must do: one suite, run on each implementation by
// INSTANTIATE_TYPED_TEST_SUITE_P. A type under test has `LicenseStore& store()`, fresh and empty
// for each test, and may have `std::string missing()`: what is missing to run at all.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "adapters/fulfillment/license_store.h"

namespace vozex::fulfillment {

template <class Fixture>
class LicenseStoreSuite : public ::testing::Test {
 protected:
  void SetUp() override {
    if constexpr (requires { fixture_.missing(); }) {
      if (const std::string what = fixture_.missing(); !what.empty()) GTEST_SKIP() << what;
    }
  }

  LicenseStore& store() { return fixture_.store(); }

  static Timestamp at(int seconds) {
    return *parse_timestamp("2026-11-20T10:00:00Z") + std::chrono::seconds(seconds);
  }

  static License license(const std::string& item,
                         const std::string& id,
                         const std::string& tenant = "t1") {
    License license;
    license.tenant = tenant;
    license.license_id = id;
    license.order_id = "o1";
    license.order_item_id = item;
    license.customer_id = "c1";
    license.product_id = "p1";
    license.key = "KEY-" + id;
    license.artefact = "p1.zip";
    license.document = "{\"a\": \"\xc3\xa4\"}";
    license.issued_at = at(0) + Duration(250);
    license.expires_at = at(1000);
    return license;
  }

  bool link(const std::string& hash, const std::string& license_id, int downloads = 2) {
    DownloadLink link;
    link.token_hash = hash;
    link.tenant = "t1";
    link.license_id = license_id;
    link.artefact = "p1.zip";
    link.created_at = at(0);
    link.expires_at = at(100);
    link.max_downloads = downloads;
    return store().create_link(link).value();
  }

  Verdict take(const std::string& hash, int seconds, Part part = Part::first) {
    const auto grant = store().take_download(hash, at(seconds), part);
    EXPECT_TRUE(grant) << grant.error().message;
    return grant->verdict;
  }

 private:
  Fixture fixture_;
};

TYPED_TEST_SUITE_P(LicenseStoreSuite);

TYPED_TEST_P(LicenseStoreSuite, OneLicencePerOrderItem) {
  const License first = this->license("i1", "lic_1");
  EXPECT_EQ(this->store().put_issue(first).value(), first);
  EXPECT_EQ(this->store().put_issue(this->license("i1", "lic_2")).value(), first)
      << "the first one stays";
  EXPECT_EQ(this->store().put_issue(this->license("i1", "lic_3", "t2")).value().license_id, "lic_3")
      << "other tenant";
  EXPECT_EQ(this->store().get("t1", "lic_1").value(), first);
  EXPECT_EQ(this->store().get_by_item("t1", "i1").value(), first);
  EXPECT_EQ(this->store().get("t1", "lic_2").value(), std::nullopt);
  EXPECT_EQ(this->store().get("t2", "lic_1").value(), std::nullopt)
      << "tenants don't see each other";
  EXPECT_EQ(this->store().get_by_item("t1", "i9").value(), std::nullopt);
}

TYPED_TEST_P(LicenseStoreSuite, ALicenceWithoutEnd) {
  License forever = this->license("i1", "lic_1");
  forever.expires_at.reset();
  ASSERT_TRUE(this->store().put_issue(forever));
  EXPECT_EQ(this->store().get("t1", "lic_1").value(), forever);
}

TYPED_TEST_P(LicenseStoreSuite, LicencesOfACustomerNewestFirst) {
  for (int i = 0; i < 3; ++i) {
    License license = this->license("i" + std::to_string(i), "lic_" + std::to_string(i));
    license.issued_at = this->at(i);
    ASSERT_TRUE(this->store().put_issue(license));
  }
  const auto found = this->store().of_customer("t1", "c1").value();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].license_id, "lic_2");
  EXPECT_EQ(found[2].license_id, "lic_0");
  EXPECT_TRUE(this->store().of_customer("t1", "c2").value().empty());
}

TYPED_TEST_P(LicenseStoreSuite, RevokedStaysRevoked) {
  ASSERT_TRUE(this->store().put_issue(this->license("i1", "lic_1")));
  EXPECT_EQ(this->store().set_status("t1", "lic_1", LicenseStatus::suspended)->status,
            LicenseStatus::suspended);
  EXPECT_EQ(this->store().set_status("t1", "lic_1", LicenseStatus::active)->status,
            LicenseStatus::active);
  EXPECT_EQ(this->store().set_status("t1", "lic_1", LicenseStatus::revoked)->status,
            LicenseStatus::revoked);
  EXPECT_EQ(this->store().set_status("t1", "lic_1", LicenseStatus::revoked)->status,
            LicenseStatus::revoked)
      << "again";
  EXPECT_EQ(this->store().set_status("t1", "lic_1", LicenseStatus::active).error().code,
            "license_revoked");
  EXPECT_EQ(this->store().set_status("t1", "lic_9", LicenseStatus::active).error().code,
            "license_not_found");
  EXPECT_EQ(this->store().get("t1", "lic_1").value()->status, LicenseStatus::revoked);
}

TYPED_TEST_P(LicenseStoreSuite, DownloadsAreCountedAndEnd) {
  ASSERT_TRUE(this->store().put_issue(this->license("i1", "lic_1")));
  ASSERT_TRUE(this->link("h1", "lic_1"));
  EXPECT_FALSE(this->link("h1", "lic_1")) << "a token is made once";
  const auto first = this->store().take_download("h1", this->at(0), Part::first).value();
  EXPECT_EQ(first.verdict, Verdict::granted);
  EXPECT_EQ(first.artefact, "p1.zip");
  EXPECT_EQ(first.license_id, "lic_1");
  EXPECT_EQ(first.remaining, 1);
  EXPECT_EQ(this->take("h1", 99), Verdict::granted);
  EXPECT_EQ(this->take("h1", 99), Verdict::used_up);
  EXPECT_EQ(this->take("h1", 99, Part::later), Verdict::granted)
      << "the second download may be finished";
  EXPECT_EQ(this->take("h1", 99, Part::look), Verdict::used_up);
  EXPECT_EQ(this->take("h1", 100), Verdict::expired);
  EXPECT_EQ(this->take("h1", 100, Part::later), Verdict::expired);
  EXPECT_EQ(this->take("h2", 0), Verdict::unknown);
}

TYPED_TEST_P(LicenseStoreSuite, LookingAndLaterBytesCountNothing) {
  ASSERT_TRUE(this->store().put_issue(this->license("i1", "lic_1")));
  ASSERT_TRUE(this->link("h1", "lic_1", 1));
  EXPECT_EQ(this->take("h1", 0, Part::look), Verdict::granted);
  EXPECT_EQ(this->take("h1", 0, Part::later), Verdict::used_up) << "later bytes of nothing";
  EXPECT_EQ(this->take("h1", 0, Part::first), Verdict::granted);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(this->take("h1", 0, Part::later), Verdict::granted);
}

TYPED_TEST_P(LicenseStoreSuite, SuspendingRevokingAndLinks) {
  ASSERT_TRUE(this->store().put_issue(this->license("i1", "lic_1")));
  ASSERT_TRUE(this->link("h1", "lic_1", 100));
  ASSERT_TRUE(this->store().set_status("t1", "lic_1", LicenseStatus::suspended));
  EXPECT_EQ(this->take("h1", 0), Verdict::suspended);
  EXPECT_EQ(this->take("h1", 500), Verdict::suspended) << "suspended comes before expired";
  ASSERT_TRUE(this->store().set_status("t1", "lic_1", LicenseStatus::active));
  EXPECT_EQ(this->take("h1", 0), Verdict::granted);
  EXPECT_TRUE(this->store().revoke_links("t1", "lic_1").value());
  EXPECT_FALSE(this->store().revoke_links("t1", "lic_1").value());
  EXPECT_EQ(this->take("h1", 0, Part::later), Verdict::revoked);
  ASSERT_TRUE(this->link("h2", "lic_1", 100));
  EXPECT_EQ(this->take("h2", 0), Verdict::granted);
  ASSERT_TRUE(this->store().set_status("t1", "lic_1", LicenseStatus::revoked));
  EXPECT_EQ(this->take("h2", 0), Verdict::revoked);
  EXPECT_EQ(this->take("h2", 500), Verdict::revoked) << "revoked comes before expired";
}

TYPED_TEST_P(LicenseStoreSuite, ManyAtOnceNeverShareADownload) {
  ASSERT_TRUE(this->store().put_issue(this->license("i1", "lic_1")));
  ASSERT_TRUE(this->link("h1", "lic_1", 5));
  std::atomic<int> granted{0};
  std::atomic<int> used_up{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        const auto verdict = this->take("h1", 0);
        granted += verdict == Verdict::granted;
        used_up += verdict == Verdict::used_up;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(granted, 5);
  EXPECT_EQ(used_up, 35);
}

TYPED_TEST_P(LicenseStoreSuite, ManyAtOnceIssueOneLicence) {
  std::vector<std::string> ids(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < ids.size(); ++t) {
    threads.emplace_back([&, t] {
      const auto kept = this->store().put_issue(this->license("i1", "lic_" + std::to_string(t)));
      if (kept) ids[t] = kept->license_id;
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& id : ids) EXPECT_EQ(id, ids[0]);
  EXPECT_FALSE(ids[0].empty());
}

REGISTER_TYPED_TEST_SUITE_P(LicenseStoreSuite,
                            OneLicencePerOrderItem,
                            ALicenceWithoutEnd,
                            LicencesOfACustomerNewestFirst,
                            RevokedStaysRevoked,
                            DownloadsAreCountedAndEnd,
                            LookingAndLaterBytesCountNothing,
                            SuspendingRevokingAndLinks,
                            ManyAtOnceNeverShareADownload,
                            ManyAtOnceIssueOneLicence);

}  // namespace vozex::fulfillment
