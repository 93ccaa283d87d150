// Drop-in dialects: routes of other APIs that callers already speak, answered
// from the same lookups. Each dialect is one file; this is what they share.
#ifndef PORTRAIT_SERVER_HTTP_COMPAT_COMPAT_H_
#define PORTRAIT_SERVER_HTTP_COMPAT_COMPAT_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"
#include "google/rpc/status.pb.h"
#include "portrait/v1/profile_picture.pb.h"
#include "portrait/v1/session.pb.h"
#include "server/http/exchange.h"
#include "server/http/grpc_call.h"

namespace portrait::http::compat {

// A request in a dialect. Lives as long as its exchange.
struct Call {
  Call(Channel channel, Exchange& exchange)
      : channel(std::move(channel)), exchange(exchange) {}

  Channel channel;
  Exchange& exchange;
  std::string method;             // "GET"
  std::vector<std::string> path;  // decoded parts below the dialect's base
  Fields query;
  std::string token;  // empty: none was sent
  // Of a POST. It is read only if the token is valid; no dialect sends its
  // token in the body. Otherwise an adapter makes its call without the body,
  // and answers its refusal.
  bool has_body = false;
  google::protobuf::Struct body;

  // Whether the request is for "GET" and {"user", "avatar"}; "*" is any part.
  bool Is(absl::string_view http_method,
          const std::vector<absl::string_view>& parts) const;
  std::string Parameter(absl::string_view name) const;
  bool IsTrue(absl::string_view name) const;  // of the query
  // A member of the body that is a text or a number; "" otherwise.
  std::string Member(const std::string& name) const;
  // The texts and numbers of an array of the body.
  std::vector<std::string> Members(const std::string& name) const;
};

struct Query {
  std::string contact;
  std::string existing_id;
  std::string session;  // "" or "default": any account
  v1::PictureSize size = v1::PICTURE_SIZE_FULL;
  bool refresh = false;
};

// The result of a lookup: an error, or a picture.
struct Found {
  google::rpc::Status status;
  v1::ProfilePicture picture;

  bool ok() const { return status.code() == 0; }
  bool is_registered() const {
    return picture.registration() != v1::REGISTRATION_NOT_REGISTERED;
  }
  // Of the size that was asked for; empty: none is visible.
  const std::string& url() const {
    return picture.url().empty() ? picture.preview_url() : picture.url();
  }
  // Of the picture at url(), as WhatsApp names them.
  std::string type() const;
  std::string direct_path() const;
  bool is_preview() const {
    return picture.url().empty() && !picture.preview_url().empty();
  }
  // The lookup failed since there is no such account.
  bool is_unknown_session() const;
  bool is_invalid_contact() const;
  // No retry will succeed: the contact is invalid, has objected to lookups, or
  // is the account's own.
  bool is_refused() const;
};

// The results for several contacts, in order, without pictures. If the whole
// call or one lookup failed, its error is in `status`; refused contacts are no
// failure.
struct Checked {
  google::rpc::Status status;
  std::vector<Found> found;
};

struct Accounts {
  google::rpc::Status status;
  std::vector<v1::Session> sessions;
};

// A response in JSON.
struct Reply {
  int http_status = 200;
  std::string json;
};

// Each makes a call and sends what `reply` makes of its result. The headers of
// an error, such as Retry-After, are added. Dialects are plain functions, since
// GCC 12 may destroy the elements of an initializer list twice in a coroutine.
boost::asio::awaitable<void> AnswerOne(Call& call, Query query,
                                       Reply (*reply)(const Call&,
                                                      const Found&));
boost::asio::awaitable<void> AnswerMany(
    Call& call, std::vector<std::string> contacts, std::string session,
    Reply (*reply)(const Call&, const Checked&));
boost::asio::awaitable<void> AnswerAccounts(Call& call,
                                            Reply (*reply)(const Call&,
                                                           const Accounts&));
boost::asio::awaitable<void> Send(Call& call, Reply reply);

// The HTTP status of an error, where a caller may wait: 429, 503 or 504; a
// missing account is 503.
int HttpStatusOfError(const google::rpc::Status& status);

// "13105551234@c.us" for "13105551234@s.whatsapp.net".
std::string ChatId(absl::string_view jid);

// The dialects. Each answers every path below its base.
boost::asio::awaitable<void> AnswerEvolution(Call& call);
boost::asio::awaitable<void> AnswerGowa(Call& call);
boost::asio::awaitable<void> AnswerHypersender(Call& call);
boost::asio::awaitable<void> AnswerProfilePic(Call& call);
boost::asio::awaitable<void> AnswerWaha(Call& call);
boost::asio::awaitable<void> AnswerWawp(Call& call);
boost::asio::awaitable<void> AnswerWuts(Call& call);
boost::asio::awaitable<void> AnswerWuzapi(Call& call);

}  // namespace portrait::http::compat

#endif  // PORTRAIT_SERVER_HTTP_COMPAT_COMPAT_H_
