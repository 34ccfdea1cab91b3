// What a newcomer runs first.

using System.Text.RegularExpressions;
using ActorChat.EndToEnd.Tests.Harness;

namespace ActorChat.EndToEnd.Tests;

public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_shows_every_PDU_of_a_conversation_ends_with_whole_logs_and_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, process) = await NodeProcess.RunAsync(folder, "demo");
        var lines = process.Output.Items.Select(line => line.Text).ToArray();
        Assert.Equal(0, exitCode);
        Assert.Empty(process.Errors.Items);
        string[] initiators = ["dh_1", "hello", "resp", "chall", "ack", "text"];
        string[] responders = ["dh_2", "chall", "ack", "resp", "ack"];
        var pdus = lines.Select(line => Regex.Match(line, @"^  (alice|bob) → (?:alice|bob)  (\S+) +[0-9]+ bytes  (.*)$")).Where(match => match.Success).ToArray();
        Assert.Equal([.. initiators, .. initiators], pdus.Where(match => match.Groups[1].Value == "alice").Select(match => match.Groups[2].Value));
        Assert.Equal([.. responders, .. responders], pdus.Where(match => match.Groups[1].Value == "bob").Select(match => match.Groups[2].Value));
        Assert.Equal(initiators.Length + responders.Length, pdus.Count(match => match.Groups[3].Value.Length > 0)); // each is explained once
        Assert.Equal(2, lines.Count(line => line == "alice reads  ✓ bob: delivered"));
        Assert.Equal(2, lines.Count(line => line.EndsWith("every one whole, in its place and unaltered.", StringComparison.Ordinal)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }
}
