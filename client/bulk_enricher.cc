#include "client/bulk_enricher.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/backoff.h"
#include "client/enrich_call.h"

namespace portrait::client {
namespace {

// How long a message that is not full waits for more items.
constexpr absl::Duration kLinger = absl::Milliseconds(5);
// How long the server may take to end a stream after its last result.
constexpr absl::Duration kFarewell = absl::Seconds(5);
// A stream that lasted this long counts as a successful connection.
constexpr absl::Duration kHeld = absl::Seconds(10);

// The state of one call of Run. Confined to the thread that calls Run.
class BulkRun {
 public:
  BulkRun(PortraitClient& client, const BulkOptions& options,
          std::shared_ptr<Wakeup> wakeup, ItemWindow& window)
      : client_(client),
        options_(options),
        wakeup_(std::move(wakeup)),
        window_(window),
        backoff_(options.first_backoff, options.longest_backoff) {}

  absl::Status Serve(const BulkEnricher::Sink& sink,
                     const std::atomic<bool>& cancelled);
  // Calls on_progress; unless `always` is set, only if progress_interval has
  // passed since the last call.
  void Report(bool always);

 private:
  // The steps of the loop in Serve. Each does what is possible now and returns
  // without waiting.
  void TakeResponse();
  void Count(bool failed, v1::Source source);
  absl::Status HandOut(const BulkEnricher::Sink& sink);
  absl::Status CheckStream();
  void Connect();
  void Send();

  absl::Status StreamEnded(absl::Status why);
  bool Finished() const;
  absl::Time NextDeadline() const;

  PortraitClient& client_;
  const BulkOptions& options_;
  const std::shared_ptr<Wakeup> wakeup_;
  ItemWindow& window_;

  std::unique_ptr<EnrichCall> call_;
  bool options_sent_ = false;
  bool draining_ = false;  // the server is shutting down; send no new items
  absl::Time connected_at_;
  // When the last message arrived or, if later, when the server started to have
  // work: `silence` counts from here.
  absl::Time heard_at_;
  std::optional<absl::Time> all_answered_at_;

  Backoff backoff_;
  absl::Time connect_at_ = absl::InfinitePast();
  std::optional<absl::Time> failing_since_;

  BulkProgress progress_;  // without the items that the window refused
  uint64_t changed_ = 0;
  uint64_t changed_before_ = 0;  // changes on streams that have ended
  absl::Time reported_at_ = absl::InfinitePast();
};

absl::Status BulkRun::Serve(const BulkEnricher::Sink& sink,
                            const std::atomic<bool>& cancelled) {
  while (true) {
    if (cancelled) return absl::CancelledError("cancelled");
    TakeResponse();
    if (absl::Status status = HandOut(sink); !status.ok()) return status;
    if (absl::Status status = CheckStream(); !status.ok()) return status;
    if (Finished()) return *window_.stats().input;
    Connect();
    Send();
    Report(/*always=*/false);
    wakeup_->WaitUntil(NextDeadline());
  }
}

void BulkRun::TakeResponse() {
  if (call_ == nullptr) return;
  auto response = call_->TakeResponse();
  if (!response.has_value()) return;
  heard_at_ = absl::Now();
  progress_.trouble = absl::OkStatus();
  for (v1::EnrichResult& result : *response->mutable_results()) {
    if (result.error().reason() == v1::ERROR_REASON_SHUTTING_DOWN) {
      draining_ = true;  // the item stays unanswered and is sent again
      continue;
    }
    const bool failed = result.has_error();
    const v1::Source source = result.profile_picture().source();
    if (!window_.Settle(std::move(result))) continue;
    Count(failed, source);
    failing_since_.reset();
    backoff_.Reset();
  }
  if (response->has_progress()) {
    changed_ = changed_before_ + response->progress().changed();
    progress_.server = std::move(*response->mutable_progress());
    progress_.server_time = heard_at_;
  }
  // Another response may be available already.
  wakeup_->Notify();
}

void BulkRun::Count(bool failed, v1::Source source) {
  ++progress_.completed;
  if (failed) {
    ++progress_.failed;
  } else if (source == v1::SOURCE_STORE) {
    ++progress_.from_store;
  } else if (source == v1::SOURCE_WHATSAPP) {
    ++progress_.from_whatsapp;
  }
}

absl::Status BulkRun::HandOut(const BulkEnricher::Sink& sink) {
  std::vector<v1::EnrichResult> results = window_.TakeSettled();
  for (v1::EnrichResult& result : results) {
    if (absl::Status status = sink(std::move(result)); !status.ok()) {
      return status;
    }
  }
  // The time that the sink took does not count as silence of the server.
  if (!results.empty()) heard_at_ = absl::Now();
  return absl::OkStatus();
}

absl::Status BulkRun::CheckStream() {
  if (call_ == nullptr) return absl::OkStatus();
  if (std::optional<absl::Status> end = call_->TakeEnd(); end.has_value()) {
    return StreamEnded(*std::move(end));
  }
  const ItemWindow::Stats stats = window_.stats();
  if (stats.empty && stats.input.has_value() && !all_answered_at_.has_value()) {
    all_answered_at_ = absl::Now();
  }
  if (stats.sent > 0 && absl::Now() - heard_at_ > options_.silence) {
    return StreamEnded(absl::UnavailableError(
        absl::StrCat("no message from the server within ",
                     absl::FormatDuration(options_.silence))));
  }
  return absl::OkStatus();
}

absl::Status BulkRun::StreamEnded(absl::Status why) {
  call_.reset();
  draining_ = false;
  changed_before_ = changed_;
  progress_.server.reset();
  const size_t again = window_.Rewind();
  const ItemWindow::Stats stats = window_.stats();
  if (stats.empty && stats.input.has_value()) return absl::OkStatus();
  if (why.ok()) {
    // A server that shuts down, or a proxy between, may end the stream with OK
    // before every item has a result.
    if (stats.unsent == 0) return absl::OkStatus();
    why = absl::UnavailableError(absl::StrCat(
        "the server ended the stream before it answered ", again, " items"));
  }
  if (!IsTransient(why.code())) return why;

  const absl::Time now = absl::Now();
  if (!failing_since_.has_value() || now - connected_at_ > kHeld) {
    failing_since_ = now;
  }
  if (now - *failing_since_ >= options_.retry_for) return why;
  progress_.trouble = std::move(why);
  progress_.sent_again += again;
  ++progress_.reconnects;
  connect_at_ = now + backoff_.Next();
  return absl::OkStatus();
}

bool BulkRun::Finished() const {
  const ItemWindow::Stats stats = window_.stats();
  if (!stats.empty || !stats.input.has_value()) return false;
  // The last message of the stream carries the final progress. Wait for it, but
  // not longer than kFarewell.
  return call_ == nullptr || (all_answered_at_.has_value() &&
                              absl::Now() - *all_answered_at_ > kFarewell);
}

void BulkRun::Connect() {
  if (call_ != nullptr || absl::Now() < connect_at_) return;
  if (window_.stats().unsent == 0) return;
  call_ = std::make_unique<EnrichCall>(client_, wakeup_);
  options_sent_ = false;
  connected_at_ = absl::Now();
  heard_at_ = connected_at_;
}

void BulkRun::Send() {
  if (call_ == nullptr || !call_->CanWrite()) return;
  const ItemWindow::Stats stats = window_.stats();
  if (draining_ || (stats.input.has_value() && stats.unsent == 0)) {
    call_->CloseSending();
    return;
  }
  const bool full = stats.unsent >= options_.batch_items;
  const bool waited = absl::Now() - stats.unsent_since >= kLinger;
  if (stats.unsent == 0 || !(full || waited || stats.input.has_value())) return;
  v1::EnrichProfilePicturesRequest request;
  if (!options_sent_) *request.mutable_options() = options_.lookup;
  options_sent_ = true;
  window_.FillRequest(options_.batch_items, &request);
  if (stats.sent == 0) heard_at_ = absl::Now();
  call_->Write(std::move(request));
}

void BulkRun::Report(bool always) {
  if (!options_.on_progress) return;
  const absl::Time now = absl::Now();
  if (!always && now - reported_at_ < options_.progress_interval) return;
  reported_at_ = now;
  const ItemWindow::Stats stats = window_.stats();
  BulkProgress shown = progress_;
  shown.taken = stats.added;
  shown.completed += stats.refused;
  shown.failed += stats.refused;
  // The server counts a change before its result arrives here.
  shown.changed = std::min(changed_, shown.completed);
  options_.on_progress(shown);
}

absl::Time BulkRun::NextDeadline() const {
  const absl::Time now = absl::Now();
  const ItemWindow::Stats stats = window_.stats();
  absl::Time deadline = now + options_.silence;
  if (options_.on_progress) {
    deadline = std::min(deadline, reported_at_ + options_.progress_interval);
  }
  if (call_ == nullptr) {
    return stats.unsent > 0 ? std::min(deadline, connect_at_) : deadline;
  }
  if (stats.unsent > 0 && call_->CanWrite()) {
    deadline = std::min(deadline, stats.unsent_since + kLinger);
  }
  if (all_answered_at_.has_value()) {
    deadline = std::min(deadline, *all_answered_at_ + kFarewell);
  }
  return deadline;
}

void Feed(const BulkEnricher::Source& source, ItemWindow* window) {
  while (true) {
    absl::StatusOr<std::optional<v1::EnrichItem>> item = source();
    if (!item.ok() || !item->has_value()) {
      window->EndInput(item.status());
      return;
    }
    if (!window->Add(**std::move(item))) return;
  }
}

}  // namespace

BulkEnricher::BulkEnricher(PortraitClient& client, BulkOptions options)
    : client_(client), options_(std::move(options)) {}

absl::Status BulkEnricher::Run(Source source, Sink sink) {
  ItemWindow window(options_.window, [wakeup = wakeup_] { wakeup->Notify(); });
  std::thread feeder([&source, &window] { Feed(source, &window); });
  BulkRun run(client_, options_, wakeup_, window);
  absl::Status status = run.Serve(sink, cancelled_);
  run.Report(/*always=*/true);
  window.Close();
  if (options_.stop_source) options_.stop_source();
  feeder.join();
  return status;
}

void BulkEnricher::Cancel() {
  cancelled_ = true;
  wakeup_->Notify();
}

}  // namespace portrait::client
