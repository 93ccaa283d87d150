// RouteTable is the HTTP routes of all RPCs, made from the google.api.http
// annotations of the contract.
#ifndef PORTRAIT_SERVER_HTTP_ROUTE_TABLE_H_
#define PORTRAIT_SERVER_HTTP_ROUTE_TABLE_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/http/http_message.h"

namespace portrait::http {

// A path such as "/v1/sessions/{session}:pause". A variable is one segment.
class PathTemplate {
 public:
  explicit PathTemplate(absl::string_view text);

  // Whether `path`, as sent, has this form; sets the variables, decoded, by the
  // names of their fields.
  bool Match(absl::string_view path, Fields* variables) const;
  const std::string& text() const { return text_; }
  std::vector<std::string> variables() const;
  bool has_variables() const;

 private:
  struct Segment {
    bool is_variable;
    std::string text;  // the literal, or the field's name
  };

  std::string text_;
  std::string prefix_;  // of text_, up to its first variable
  std::vector<Segment> segments_;
  std::string verb_;  // after the last colon; may be empty
};

struct Route {
  std::string http_method;  // "GET"
  PathTemplate path;
  bool has_body;  // the body is the request message
  // With the comments of the contract.
  const google::protobuf::MethodDescriptor* method;
  const google::protobuf::Message* request;  // an empty one
  bool is_additional = false;  // the method has a route before this one
};

// Constant after construction.
class RouteTable {
 public:
  // Made at the first call.
  static const RouteTable& Get();

  struct Found {
    const Route* route = nullptr;  // null: there is no such route
    Fields variables;
    // The methods that the path has, "GET, POST", if it has not this one.
    std::string allowed;
  };
  Found Find(absl::string_view http_method, absl::string_view path) const;
  // The method by "portrait.v1.SessionService/ListSessions"; null if there is
  // none.
  const google::protobuf::MethodDescriptor* FindMethod(
      absl::string_view name) const;

  const std::vector<Route>& routes() const { return routes_; }
  // The pool of the contract with its comments.
  const google::protobuf::DescriptorPool& pool() const { return pool_; }

 private:
  RouteTable();
  void AddService(const google::protobuf::ServiceDescriptor& service);

  google::protobuf::DescriptorPool pool_;
  std::vector<Route> routes_;  // those without variables first
  absl::flat_hash_map<std::string, const google::protobuf::MethodDescriptor*>
      methods_;
};

// "/portrait.v1.SessionService/ListSessions".
std::string PathOf(const google::protobuf::MethodDescriptor& method);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_ROUTE_TABLE_H_
