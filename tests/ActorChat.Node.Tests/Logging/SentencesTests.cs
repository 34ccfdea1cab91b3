// Which lines of the log a person at a terminal reads, and in what words.

using ActorChat.Node.Logging;
using ActorChat.Node.Sessions;
using Serilog;
using Serilog.Events;

namespace ActorChat.Node.Tests.Logging;

public sealed class SentencesTests
{
    [Theory]
    [InlineData("127.0.0.1:5103 (carol)", "BadHmac nack", "Somebody at 127.0.0.1 used carol's name with a wrong password.")]
    [InlineData("[2001:db8::7]:5103 (carol)", "wrong answer to the challenge", "Somebody at 2001:db8::7 used carol's name with a wrong password.")]
    [InlineData("127.0.0.1:5103 (carol)", "it does not accept our answer to its challenge", "Somebody at 127.0.0.1 used carol's name with a wrong password.")]
    [InlineData("127.0.0.1:5103 (carol)", "nothing in its time, its clock is 40 s from ours", "carol at 127.0.0.1 cannot get through: its clock is 40 s from ours, and 25 s are allowed.")]
    [InlineData("127.0.0.1:5103", "Malformed", "Somebody at 127.0.0.1 connected and did not speak the protocol.")]
    [InlineData("127.0.0.1:5103", "no answer in time", null)]
    [InlineData("127.0.0.1:5103 (carol)", "no answer in time", null)]
    [InlineData("127.0.0.1:5103 (carol)", "Unexpected text", null)]
    public void What_a_caller_did_is_told_where_it_concerns_a_person(string peer, string reason, string? sentence) =>
        Assert.Equal(sentence, Told(log => log.ForContext(Sentences.Class, nameof(ResponderSession)).Warning("{0} in {1}: {2}", peer, SessionState.AwaitingChallenge, reason)));

    [Theory]
    [InlineData(nameof(InitiatorSession))] // the message's outcome says it
    [InlineData(nameof(ListenerActor))]
    public void Other_lines_about_peers_stay_in_the_file(string from) =>
        Assert.Null(Told(log => log.ForContext(Sentences.Class, from).Warning("{0}: refused, {1}", "127.0.0.1", "TooMany")));

    [Fact]
    public void Lines_about_the_node_itself_are_sentences_already()
    {
        Assert.Equal("The secrets cannot be kept: the disk is full", Told(log => log.ForContext(Sentences.Class, nameof(KeyActor)).Warning("The secrets cannot be kept: {0:l}", "the disk is full")));
        Assert.Equal("An actor failed", Told(log => log.ForContext(Sentences.Class, nameof(ResponderSession)).Error(new IOException(), "An actor failed")));
    }

    private static string? Told(Action<ILogger> write)
    {
        string? told = null;
        using var log = new LoggerConfiguration().MinimumLevel.Is(LogEventLevel.Debug).WriteTo.Sink(new Sentences(sentence => told = sentence)).CreateLogger();
        write(log);
        return told;
    }
}
