#include "server/metrics.h"

#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "server/gauges.h"
#include "server/metered_store.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

// The response to GET /metrics at that address.
std::string Scrape(const std::string& address) {
  const size_t colon = address.rfind(':');
  boost::asio::ip::tcp::iostream http(address.substr(0, colon),
                                      address.substr(colon + 1));
  http << "GET /metrics HTTP/1.0\r\n\r\n" << std::flush;
  return {std::istreambuf_iterator<char>(http),
          std::istreambuf_iterator<char>()};
}

TEST(MetricsTest, ServesCountsOfCallsLookupsAndSessions) {
  World world;
  v1::GetProfilePictureRequest request;
  v1::GetProfilePictureResponse response;
  for (const std::string contact :
       {"+13105551234", "+13105551234", "no number"}) {
    request.set_contact(contact);
    world.pictures->GetProfilePicture(world.Context().get(), request,
                                      &response);
  }
  const auto gauges = std::make_shared<Gauges>(*world.stores.pictures);
  gauges->ShowLookups(&*world.sessions, &*world.scheduler);
  auto endpoint = MetricsEndpoint::Open("127.0.0.1:0", world.metrics, gauges);
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  const std::string text = Scrape((*endpoint)->address());
  for (const std::string line :
       {R"(portrait_rpcs_total{code="OK",)"
        R"(method="ProfilePictureService/GetProfilePicture"} 2)",
        R"(portrait_rpcs_total{code="INVALID_ARGUMENT",)"
        R"(method="ProfilePictureService/GetProfilePicture"} 1)",
        R"(portrait_lookups_total{outcome="available",source="whatsapp"} 1)",
        R"(portrait_lookups_total{outcome="available",source="store"} 1)",
        R"(portrait_lookups_total{outcome="invalid_contact",)"
        R"(source="unspecified"} 1)",
        R"(portrait_lookup_changes_total 1)",
        R"(portrait_rpc_seconds_count{)"
        R"(method="ProfilePictureService/GetProfilePicture"} 3)",
        R"(portrait_scheduler_queued 0)", R"(portrait_watch_lag_changes 0)",
        R"(portrait_sessions{state="ready"} 1)",
        R"(portrait_sessions{state="banned"} 0)"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  // The port is already in use.
  EXPECT_EQ(MetricsEndpoint::Open((*endpoint)->address(), world.metrics, gauges)
                .status()
                .code(),
            absl::StatusCode::kUnavailable);
}

TEST(MetricsTest, CountsEachOutcomeSeparately) {
  Metrics metrics;
  LookupResults results;
  const auto add = [&](v1::Registration registration, v1::PictureState state) {
    store::v1::ContactRecord record;
    record.set_registration(registration);
    record.set_state(state);
    const std::string bytes = record.SerializeAsString();
    results.AddPicture(0, *RecordView::Read(bytes), {}, v1::SOURCE_STORE,
                       absl::Now());
  };
  add(v1::REGISTRATION_REGISTERED, v1::PICTURE_STATE_NOT_SET);
  add(v1::REGISTRATION_NOT_REGISTERED, v1::PICTURE_STATE_UNSPECIFIED);
  results.AddError(0, {v1::ERROR_REASON_NO_SESSION, "", {}});
  metrics.CountLookups(results);
  metrics.CountLookups(results);
  const std::string text =
      prometheus::TextSerializer().Serialize(metrics.registry()->Collect());
  for (const std::string line :
       {R"({outcome="not_set",source="store"} 2)",
        R"({outcome="not_registered",source="store"} 2)",
        R"({outcome="no_session",source="unspecified"} 2)"}) {
    EXPECT_THAT(text, HasSubstr("portrait_lookups_total" + line));
  }
}

TEST(MetricsTest, MeasuresTheStore) {
  Metrics metrics;
  Stores stores = NewMemoryStores();
  MeteredStore store(*stores.pictures, metrics);
  Observation seen;
  seen.jid = "13105551234@s.whatsapp.net";
  seen.registration = v1::REGISTRATION_REGISTERED;
  seen.observed_at = absl::Now();
  ASSERT_TRUE(store.Apply({seen}).ok());
  ASSERT_TRUE(store.Get({seen.jid}).ok());
  ASSERT_TRUE(store.Get({seen.jid}).ok());
  const std::string text =
      prometheus::TextSerializer().Serialize(metrics.registry()->Collect());
  for (const std::string line :
       {R"({operation="apply"} 1)", R"({operation="read"} 2)",
        R"({operation="forget"} 0)"}) {
    EXPECT_THAT(text, HasSubstr("portrait_store_seconds_count" + line));
  }
}

TEST(MetricsTest, ShowsTheWatcherThatIsFurthestBehind) {
  Metrics metrics;
  const auto shown = [&] {
    return prometheus::TextSerializer().Serialize(
        metrics.registry()->Collect());
  };
  const int one = 0, other = 0;
  metrics.SetWatchLag(&one, 7);
  metrics.SetWatchLag(&other, 300);
  EXPECT_THAT(shown(), HasSubstr("portrait_watch_lag_changes 300"));
  metrics.SetWatchLag(&one, 8);
  EXPECT_THAT(shown(), HasSubstr("portrait_watch_lag_changes 300"));
  metrics.SetWatchLag(&other, 2);
  EXPECT_THAT(shown(), HasSubstr("portrait_watch_lag_changes 8"));
  metrics.ForgetWatcher(&one);
  EXPECT_THAT(shown(), HasSubstr("portrait_watch_lag_changes 2"));
  metrics.ForgetWatcher(&other);
  EXPECT_THAT(shown(), HasSubstr("portrait_watch_lag_changes 0"));
}

}  // namespace
}  // namespace portrait
