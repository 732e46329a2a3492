// SPDX-License-Identifier: Apache-2.0
// The one file that compiles the bodies of Asio and Beast. <utility> comes first: Boost 1.74's
// awaitable.hpp uses std::exchange without including it.
#include <utility>

#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
