#!/usr/bin/env bash
# Random days of two nodes, many more than the tests play: schedules.sh [COUNT] (200,000 when left out). See tests/ActorChat.Node.Tests/Lost.

set -euo pipefail

cd "$(dirname "$0")/../.."
ACTORCHAT_SCHEDULES=${1:-200000} dotnet test tests/ActorChat.Node.Tests --configuration Release --filter FullyQualifiedName~NothingIsLost
