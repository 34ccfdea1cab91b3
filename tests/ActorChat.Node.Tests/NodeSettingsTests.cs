// The settings: what the built-in file says, what a user's file may change, and what is said about each mistake in it.

using ActorChat.Node.Limits;
using ActorChat.Protocol.Profiles;
using ActorChat.Storage.SecureLog;
using Akka.Configuration.Hocon;

namespace ActorChat.Node.Tests;

public sealed class NodeSettingsTests
{
    private static readonly string[] WrongDurations =
        ["10", "10 sec", "10 S", "0 s", "0.4 ms", "-1 s", "25 h", "1e1 s", "\"1,5 s\"", "10 s 5", "soon", "\"\"", "999999999999999999999999 h"];

    private static readonly string[] WrongLevels = ["on", "Info", "WARNING", "verbose", "3", "\"\""];

    private static readonly string[] WrongNumbers = ["0", "-1", "+1", "1.5", "1e3", "0x10", "1 000", "many", "\"\"", "99999999999999999999"];

    private static readonly string[] WrongSizes = ["16", "16 KB", "16 kib", "16 K", "-1 B", "0 B", "1 GiB", "\"1,5 KiB\"", "large", "\"\""];

    /// <summary>Every setting: its path, another value that it may have, values that it may not have, and words of what is allowed.</summary>
    private static readonly Setting[] Settings =
    [
        new("start.name", "alice", ["\"a,b\"", "\"a@b\""], "a name that a contact could know us by"),
        new("start.port", "0", ["-1", "+1", "1.5", "many", "\"\"", "65536"], "a whole number from 0 to 65535"),
        new("start.address", "\"[2001:db8::7]:5001\"", ["here", "\"192.0.2.7\"", "\"192.0.2.7:0\""], "host:port"),
        new("start.directory", "\"~/people.json\"", [], ""),
        new("start.state", "/var/lib/actorchat", [], ""),
        new("listen.address", "127.0.0.1", ["everywhere", "256.0.0.1", "localhost", "127.0.0.1/8", "\"\""], "\"any\" or an IP address"),
        new("listen.backlog", "7", [.. WrongNumbers, "65536"], "a whole number from 1 to 65535"),
        new("listen.max-connections", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("listen.max-connections-per-address", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("listen.max-connections-per-contact", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("listen.max-unauthenticated", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("listen.max-unauthenticated-per-address", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("listen.handshakes-per-second", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("listen.handshake-burst", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("listen.handshakes-per-second-per-address", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("listen.handshake-burst-per-address", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("listen.remembered-addresses", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("conversation.handshake-deadline", "500 ms", WrongDurations, "a duration from 1 ms to 24 h"),
        new("conversation.connect-timeout", "1 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("conversation.text-deadline", "1.5 m", WrongDurations, "a duration from 1 ms to 24 h"),
        new("conversation.closing-deadline", "24h", WrongDurations, "a duration from 1 ms to 24 h"),
        new("conversation.pdu-deadline", "3 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("conversation.max-ignored-pdus", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("conversation.max-waiting-to-send", "1 MiB", [.. WrongSizes, "4095 B", "65 MiB"], "a size from 4096 B to 67108864 B"),
        new("conversation.max-pdu-size-before-authentication", "4096 B", [.. WrongSizes, "4095 B", "16.5 MiB"], "a size from 4096 B to 16777216 B"),
        new("conversation.max-pdu-size", "64KiB", [.. WrongSizes, "1 KiB", "17 MiB"], "a size from 2048 B to 16777216 B"),
        new("conversation.send-steps-together", "off", ["true", "yes", "ON", "1", "\"\""], "one of on, off"),
        new("conversation.post-quantum", "required", ["true", "yes", "ON", "1", "\"\""], "one of off, on, required"),
        new("conversation.pad-texts", "off", ["true", "yes", "ON", "1", "\"\""], "one of on, off"),
        new("texts.per-conversation", "7", [.. WrongNumbers, "1001"], "a whole number from 1 to 1000"),
        new("texts.per-minute", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("texts.remembered", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("texts.max-wait", "7 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("inbox.on-message", "'notify me'", ["\"'\""], "a program and its arguments"),
        new("inbox.on-message-at-once", "7", [.. WrongNumbers, "1001"], "a whole number from 1 to 1000"),
        new("inbox.on-message-waiting", "7", [.. WrongNumbers[1..], "10001"], "a whole number from 0 to 10000"),
        new("inbox.on-message-deadline", "7 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("guesses.free", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("guesses.max-wait", "7 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("guesses.forget-after", "7 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("guesses.remembered", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("directory.max-size", "1.5 KiB", [.. WrongSizes, "1023 B", "257 MiB"], "a size from 1024 B to 268435456 B"),
        new("directory.settle-time", "1 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("directory.check-interval", "1 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("directory.resolve-interval", "1 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("directory.resolve-deadline", "1 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("keys.turn", "7", [.. WrongNumbers, "1", "1001"], "a whole number from 2 to 1000"),
        new("keys.max-waiting", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("keys.write-interval", "5 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("secure-log.segment-size", "1 MiB", [.. WrongSizes, "63 KiB", "1025 MiB"], "a size from 65536 B to 1073741824 B"),
        new("secure-log.max-waiting", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("secure-log.max-search", "7 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("secure-log.max-delay", "7 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("keys.max-secrets", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("outbox.max-conversations", "7", [.. WrongNumbers, "10001"], "a whole number from 1 to 10000"),
        new("outbox.max-waiting", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("outbox.keep", "0", ["-1 d", "0 s", "366 d", "1 w", "week", "\"\""], "0, or a duration from 1 ms to 365 d"),
        new("outbox.max-kept", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
        new("outbox.first-retry", "1 s", WrongDurations, "a duration from 1 ms to 24 h"),
        new("outbox.longest-retry", "1 h", WrongDurations, "a duration from 1 ms to 24 h"),
        new("outbox.attempts-per-second", "7", [.. WrongNumbers, "10001"], "a whole number from 1 to 10000"),
        new("presence.announce", "on", ["true", "yes", "ON", "1", "\"\""], "one of on, off"),
        new("console.messages-at-start", "0", ["-1", "1.5", "many", "\"\"", "1001"], "a whole number from 0 to 1000"),
        new("console.keep-input", "off", ["true", "yes", "ON", "1", "\"\""], "one of on, off"),
        new("stop-deadline", "1 ms", WrongDurations, "a duration from 1 ms to 24 h"),
        new("log.console-level", "debug", WrongLevels, "one of off, error, warning, info, debug"),
        new("log.file", "/var/log/chat.log", [], ""), // any text is a file's name
        new("log.file-level", "off", WrongLevels, "one of off, error, warning, info, debug"),
        new("log.max-peer-lines", "7", [.. WrongNumbers, "1000001"], "a whole number from 1 to 1000000"),
    ];

    public static IEnumerable<object[]> WrongValues =>
        Settings.SelectMany(setting => setting.Wrong.Select(value => new object[] { setting.Path, value, setting.Allowed }));

    public static IEnumerable<object[]> OtherValues => Settings.Select(setting => new object[] { setting.Path, setting.Other });

    [Fact]
    public void The_built_in_file_gives_the_defaults() => Assert.Equal(
        new NodeSettings
        {
            Start = new StartSettings(Name: null, Port: 5001, Address: null, Directory: "", State: ""),
            ListenAddress = "any",
            Backlog = 4096,
            Connections = new ConnectionLimits(
                Max: 1024,
                MaxPerAddress: 32,
                MaxPerContact: 8,
                MaxUnauthenticated: 256,
                MaxUnauthenticatedPerAddress: 8,
                HandshakesPerSecond: 100,
                HandshakeBurst: 500,
                HandshakesPerSecondPerAddress: 5,
                HandshakeBurstPerAddress: 50,
                RememberedAddresses: 10_000),
            HandshakeDeadline = TimeSpan.FromSeconds(10),
            ConnectTimeout = TimeSpan.FromSeconds(3),
            TextDeadline = TimeSpan.FromSeconds(25),
            ClosingDeadline = TimeSpan.FromSeconds(2),
            PduDeadline = TimeSpan.FromSeconds(5),
            MaxIgnoredPdus = 10,
            MaxWaitingToSend = 262_144,
            MaxPduSizeBeforeAuthentication = 16_384,
            MaxPduSize = 131_072,
            SendStepsTogether = true,
            PostQuantum = PostQuantum.On,
            PadsTexts = true,
            TextsPerConversation = 64,
            TextsPerMinute = 1200,
            RememberedTextRates = 10_000,
            MaxTextWait = TimeSpan.FromSeconds(5),
            OnMessage = "",
            OnMessageAtOnce = 4,
            OnMessageWaiting = 100,
            OnMessageDeadline = TimeSpan.FromSeconds(10),
            Guesses = new GuessLimits(Free: 5, ForgetAfter: TimeSpan.FromMinutes(1), MaxWait: TimeSpan.FromSeconds(5), Remembered: 10_000),
            MaxDirectorySize = 4_194_304,
            DirectorySettleTime = TimeSpan.FromMilliseconds(300),
            DirectoryCheckInterval = TimeSpan.FromSeconds(30),
            ResolveInterval = TimeSpan.FromMinutes(5),
            ResolveDeadline = TimeSpan.FromSeconds(10),
            MaxSecrets = 1000,
            KeyTurn = 16,
            MaxWaitingForKeys = 2000,
            SecretsWriteInterval = TimeSpan.FromSeconds(1),
            MaxOutgoingConversations = 64,
            MaxWaitingMessages = 1000,
            KeepMessages = TimeSpan.FromDays(7),
            MaxKeptMessages = 10_000,
            Retries = new RetryLimits(First: TimeSpan.FromSeconds(2), Longest: TimeSpan.FromMinutes(5), PerSecond: 20),
            AnnouncesPresence = false,
            SecureLog = new LogOptions { SegmentSize = 64 << 20 },
            MaxWaitingRecords = 10_000,
            MaxSearchTime = TimeSpan.FromSeconds(10),
            MaxRecordDelay = TimeSpan.FromMilliseconds(100),
            RecalledAtStart = 10,
            KeepsInput = true,
            StopDeadline = TimeSpan.FromSeconds(5),
            ConsoleLog = LogThreshold.Warning,
            LogFile = "",
            FileLog = LogThreshold.Info,
            MaxPeerLines = 20,
        },
        Read(null));

    [Fact]
    public void The_table_of_this_test_holds_every_setting_of_the_built_in_file() =>
        Assert.Equal(Leaves("actorchat", NodeSettings.LoadConfig().GetValue("actorchat")).Order(), Settings.Select(setting => $"actorchat.{setting.Path}").Order());

    [Theory]
    [MemberData(nameof(OtherValues))]
    public void Every_setting_is_read_and_one_changed_leaves_the_others(string path, string value)
    {
        var changed = Read($"actorchat.{path} = {value}");
        var members = typeof(NodeSettings).GetProperties().Where(member => !Equals(member.GetValue(changed), member.GetValue(Read(null))));
        Assert.Single(members);
    }

    [Theory]
    [MemberData(nameof(WrongValues))]
    public void A_wrong_value_is_named_with_its_path_and_what_is_allowed(string path, string value, string allowed)
    {
        var message = Assert.Throws<SettingsException>(() => Read($"actorchat.{path} = {value}")).Message;
        Assert.StartsWith($"The setting actorchat.{path} = {value.Trim('"')} is wrong. Allowed: ", message, StringComparison.Ordinal);
        Assert.Contains(allowed, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("listen.backlog", "1", "65535")]
    [InlineData("conversation.handshake-deadline", "1 ms", "24 h")]
    [InlineData("conversation.handshake-deadline", "0.001 s", "1440 m")]
    [InlineData("conversation.max-pdu-size-before-authentication", "4 KiB", "16 MiB")]
    [InlineData("directory.max-size", "1024 B", "256 MiB")]
    [InlineData("listen.address", "\"::1\"", "any")]
    [InlineData("log.file-level", "error", "warning")]
    public void The_edges_of_what_is_allowed_are_allowed(string path, string least, string most)
    {
        Assert.NotNull(Read($"actorchat.{path} = {least}"));
        Assert.NotNull(Read($"actorchat.{path} = {most}"));
    }

    [Fact]
    public void What_may_wait_to_be_sent_has_room_for_the_longest_text()
    {
        Assert.NotNull(Read("actorchat.conversation { max-pdu-size = 1 MiB, max-waiting-to-send = 1050624 B }"));
        var message = Assert.Throws<SettingsException>(() => Read("actorchat.conversation { max-pdu-size = 1 MiB, max-waiting-to-send = 1050623 B }")).Message;
        Assert.EndsWith("make it 1050624 B or more.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10 s", 10_000)]
    [InlineData("10s", 10_000)]
    [InlineData("250 ms", 250)]
    [InlineData("1.5 m", 90_000)]
    [InlineData("2 h", 7_200_000)]
    public void A_duration_counts_in_its_unit(string duration, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Read($"actorchat.stop-deadline = {duration}").StopDeadline);

    [Theory]
    [InlineData("5000 B", 5000)]
    [InlineData("5 KiB", 5120)]
    [InlineData("1.5 MiB", 1_572_864)]
    public void A_size_counts_in_its_unit(string size, int bytes) =>
        Assert.Equal(bytes, Read($"actorchat.conversation.max-pdu-size-before-authentication = {size}").MaxPduSizeBeforeAuthentication);

    [Theory]
    [InlineData("actorchat.listen.backlog = [1, 2]")]
    [InlineData("actorchat.listen.backlog { value = 1 }")]
    [InlineData("actorchat.listen.backlog = null")]
    [InlineData("actorchat.log.file = [\"a\", \"b\"]")]
    [InlineData("actorchat.listen = 5")]
    [InlineData("actorchat = 5")]
    public void A_value_of_another_kind_stops_the_start(string overrides) =>
        Assert.StartsWith("The setting actorchat.", Assert.Throws<SettingsException>(() => Read(overrides)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("actorchat.lissten.backlog = 5", "actorchat.lissten.backlog = 5")]
    [InlineData("actorchat.listen.back-log = 5", "actorchat.listen.back-log = 5")]
    [InlineData("actorchat.listen.Backlog = 5", "actorchat.listen.Backlog = 5")]
    [InlineData("actorchat.listen.tcp.backlog = 5", "actorchat.listen.tcp.backlog = 5")]
    [InlineData("actorchat { listen { port = 5 } }", "actorchat.listen.port = 5")]
    [InlineData("actorchat.stop-deadlines = 5 s", "actorchat.stop-deadlines = 5 s")]
    [InlineData("actorchat.extras = [1]", "actorchat.extras")]
    public void An_unknown_setting_is_refused_with_its_path(string overrides, string path)
    {
        var message = Assert.Throws<SettingsException>(() => Read(overrides)).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains("is unknown. Allowed here: actorchat.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_setting_is_answered_with_the_known_ones_beside_it()
    {
        var message = Assert.Throws<SettingsException>(() => Read("actorchat.presence.anounce = on")).Message;
        Assert.EndsWith("Allowed here: actorchat.presence.announce.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("listen.backlog = 5", "listen")]
    [InlineData("actor-chat.listen.backlog = 5", "actor-chat")]
    [InlineData("ActorChat { listen.backlog = 5 }", "ActorChat")]
    [InlineData("hello", "hello")]
    public void An_unknown_key_at_the_top_is_refused(string overrides, string key)
    {
        var message = Assert.Throws<SettingsException>(() => Read(overrides)).Message;
        Assert.StartsWith($"The setting {key} is unknown", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("akka.loglevel = ERROR", "akka.loglevel", "ERROR")]
    [InlineData("akka.io.tcp.batch-accept-limit = 3", "akka.io.tcp.batch-accept-limit", "3")]
    [InlineData("akka.actor.default-dispatcher.throughput = 5", "akka.actor.default-dispatcher.throughput", "5")]
    public void Settings_of_Akka_itself_pass(string overrides, string path, string value)
    {
        var config = NodeSettings.LoadConfig(overrides);
        Assert.Equal(Read(null), NodeSettings.Read(config));
        Assert.Equal(value, config.GetString(path));
        Assert.Equal("channel-executor", config.GetString("akka.actor.default-dispatcher.executor")); // settings that it leaves out keep their value
    }

    [Theory]
    [InlineData("actorchat.listen.backlog = 5, , ,")]
    [InlineData("actorchat.listen.backlog = ${nowhere}")]
    [InlineData("actorchat.listen.backlog = 5;actorchat.stop-deadline=1s")]
    [InlineData("include \"other.conf\"")]
    public void Text_that_is_not_HOCON_is_refused_with_the_parsers_words(string overrides)
    {
        var refused = Assert.Throws<SettingsException>(() => NodeSettings.LoadConfig(overrides));
        Assert.StartsWith("The configuration file is not HOCON: ", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.InnerException);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n\t")]
    [InlineData("# nothing but a comment")]
    [InlineData("{}")]
    [InlineData("actorchat {}")]
    public void A_file_that_says_nothing_changes_nothing(string? overrides) => Assert.Equal(Read(null), Read(overrides));

    [Fact]
    public void The_last_of_two_values_of_one_setting_holds()
    {
        var settings = Read("actorchat { listen { backlog = 5, max-connections = 7 } }\nactorchat.listen.backlog = 9");
        Assert.Equal((9, 7), (settings.Backlog, settings.Connections.Max));
    }

    [Theory]
    [InlineData("actorchat { \"listen.backlog\" = nonsense }")]
    [InlineData("actorchat.\"listen.backlog\" = 7")]
    public void A_setting_in_quotes_does_not_pass_for_the_one_it_looks_like(string overrides) => AssertRefused(overrides);

    [Theory]
    [InlineData("actorchat { listen { backlog = 5 } } }\nactorchat.log.file-level = debug")] // file-level stays at info
    [InlineData("} actorchat.listen.backlog = 5")]
    [InlineData("actorchat { listen { backlog = 5")]
    [InlineData("actorchat.log.file = \"chat.log\nactorchat.log.file-level = debug")]
    public void A_brace_or_quote_too_many_or_too_few_does_not_swallow_settings(string overrides) => AssertRefused(overrides);

    [Theory]
    [InlineData("actorchat.stop-deadline = \"١٠ s\"")]
    [InlineData("actorchat.directory.max-size = \"١٠ KiB\"")]
    public void Digits_of_other_scripts_are_a_wrong_value_and_no_crash(string overrides) => AssertRefused(overrides);

    [Theory]
    [InlineData("5002")]
    [InlineData("\"[::1]:5002\"")]
    [InlineData("1.2")]
    public void A_port_or_half_an_address_is_no_address_to_listen_on(string address) => AssertRefused($"actorchat.listen.address = {address}");

    [Fact]
    public void An_unknown_section_is_refused_though_it_is_empty() => AssertRefused("actorchat.lissten {}");

    [Theory]
    [InlineData("[1, 2]")]
    [InlineData("null")]
    [InlineData("{ value = 1 }")]
    public void A_value_of_another_kind_is_answered_with_what_is_allowed_there(string value)
    {
        var message = Assert.Throws<SettingsException>(() => Read($"actorchat.listen.backlog = {value}")).Message;
        Assert.Contains("a whole number from 1 to 65535", message, StringComparison.Ordinal);
    }

    private static void AssertRefused(string overrides) => Assert.Throws<SettingsException>(() => Read(overrides));

    private static NodeSettings Read(string? overrides) => NodeSettings.Read(NodeSettings.LoadConfig(overrides));

    private static IEnumerable<string> Leaves(string path, HoconValue value) =>
        value.IsObject() ? value.GetObject().Items.SelectMany(member => Leaves($"{path}.{member.Key}", member.Value)) : [path];

    private sealed record Setting(string Path, string Other, string[] Wrong, string Allowed);
}
