// What Akka logs arrives in Serilog, through the loggers that the node's own configuration names.

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ActorChat.Node.Logging;
using ActorChat.Node.Tests.Support;
using Akka.Event;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using LogEvent = Serilog.Events.LogEvent;

namespace ActorChat.Node.Tests.Logging;

[Collection(nameof(ProcessWide))]
public sealed partial class SerilogLoggerTests : NodeTestKit
{
    private readonly Sink _sink = new();
    private readonly ILogger _before = Serilog.Log.Logger;

    public SerilogLoggerTests()
        : base("akka.loglevel = DEBUG") => Serilog.Log.Logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(_sink).CreateLogger();

    [Fact]
    public void Each_event_keeps_its_level()
    {
        var log = Akka.Event.Logging.GetLogger(Sys, "here");
        log.Debug("one");
        log.Info("two");
        log.Warning("three");
        log.Error("four");
        Assert.Equal(
            [(LogEventLevel.Debug, "one"), (LogEventLevel.Information, "two"), (LogEventLevel.Warning, "three"), (LogEventLevel.Error, "four")],
            Enumerable.Range(0, 4).Select(_ => Next()).Select(written => (written.Level, written.RenderMessage(CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void Values_stay_values_even_when_they_look_like_templates()
    {
        Akka.Event.Logging.GetLogger(Sys, "here").Warning("{0} in {1}", "{0}", "{Braces}");
        Assert.Equal("\"{0}\" in \"{Braces}\"", Next().RenderMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Text_that_is_no_template_is_written_as_it_is()
    {
        Sys.EventStream.Publish(new Warning("here", typeof(ChatNode), "{0} of {Braces}"));
        Assert.Equal("{0} of {Braces}", Next().RenderMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void An_exception_comes_along()
    {
        var broken = new IOException("broken");
        Akka.Event.Logging.GetLogger(Sys, "here").Error(broken, "here");
        Assert.Same(broken, Next().Exception);
    }

    [Fact]
    public void What_Akkas_sockets_complain_of_is_for_whoever_debugs()
    {
        Sys.EventStream.Publish(new Error(new IOException("broken pipe"), "here", typeof(Akka.IO.Tcp), "here"));
        Assert.Equal(LogEventLevel.Debug, Next().Level);
    }

    [Fact]
    public void Of_one_peer_a_second_warning_waits_for_the_next_second_and_everything_else_does_not()
    {
        const int warnings = 50;
        var log = Akka.Event.Logging.GetLogger(Sys, "here");
        var peer = new Peer("192.0.2.1", "192.0.2.1:4711");
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < warnings; i++)
        {
            log.Warning("{0:l} in {1:l}", peer, "AwaitingDh1");
        }

        log.Info("{0:l} in {1:l}", peer, "AwaitingHello");
        log.Warning("{0:l}: refused", new Peer("192.0.2.2", "192.0.2.2:4711"));
        List<string> lines = [];
        do
        {
            lines.Add(Next().RenderMessage(CultureInfo.InvariantCulture));
        }
        while (!lines[^1].Contains("refused", StringComparison.Ordinal));

        var written = lines.Count(line => line.StartsWith("192.0.2.1:4711 in AwaitingDh1", StringComparison.Ordinal));
        Assert.InRange(written, 1, 1 + (int)watch.Elapsed.TotalSeconds);
        Assert.Equal("192.0.2.1:4711 in AwaitingHello", lines[^2]);
        Assert.StartsWith("192.0.2.2:4711: refused (", lines[^1], StringComparison.Ordinal);
        Assert.Equal(written + 2, lines.Count);
        Assert.Equal(warnings - written, lines.Sum(line => LeftOut().Match(line) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0));
    }

    protected override void AfterAll()
    {
        Serilog.Log.Logger = _before;
        base.AfterAll();
    }

    [GeneratedRegex(@" \(([0-9]+) lines like this were left out before\)$")]
    private static partial Regex LeftOut();

    private LogEvent Next() => _sink.Next(written => Source(written).StartsWith("here", StringComparison.Ordinal));

    private static string Source(LogEvent written) => written.Properties.TryGetValue("Source", out var source) ? source.ToString("l", null) : "";

    private sealed class Sink : ILogEventSink
    {
        private readonly BlockingCollection<LogEvent> _events = [];

        public void Emit(LogEvent logEvent) => _events.Add(logEvent);

        public LogEvent Next(Func<LogEvent, bool> ofInterest)
        {
            LogEvent? written;
            do
            {
                Assert.True(_events.TryTake(out written, TimeSpan.FromSeconds(10)), "nothing was logged");
            }
            while (!ofInterest(written));
            return written;
        }
    }
}
