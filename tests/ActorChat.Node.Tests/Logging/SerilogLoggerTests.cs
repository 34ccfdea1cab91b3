// What Akka logs arrives in Serilog, through the loggers that the node's own configuration names.

using System.Collections.Concurrent;
using System.Globalization;
using ActorChat.Node.Logging;
using ActorChat.Node.Tests.Support;
using Akka.Event;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using LogEvent = Serilog.Events.LogEvent;

namespace ActorChat.Node.Tests.Logging;

[Collection(nameof(ProcessWide))]
public sealed class SerilogLoggerTests : NodeTestKit
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
        var log = Akka.Event.Logging.GetLogger(Sys, "here");
        var peer = new Peer("192.0.2.1", "192.0.2.1:4711");
        log.Warning("{0} in {1}", peer, "AwaitingDh1");
        log.Warning("{0} in {1}", peer, "AwaitingDh1");
        log.Info("{0} in {1}", peer, "AwaitingHello");
        log.Warning("{0}: refused", new Peer("192.0.2.2", "192.0.2.2:4711"));
        Assert.Equal(
            ["192.0.2.1:4711 in \"AwaitingDh1\"", "192.0.2.1:4711 in \"AwaitingHello\"", "192.0.2.2:4711: refused (1 lines like this were left out before)"],
            Enumerable.Range(0, 3).Select(_ => Next().RenderMessage(CultureInfo.InvariantCulture).Replace("\"192.0.2.1:4711\"", "192.0.2.1:4711").Replace("\"192.0.2.2:4711\"", "192.0.2.2:4711")));
    }

    protected override void AfterAll()
    {
        Serilog.Log.Logger = _before;
        base.AfterAll();
    }

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
