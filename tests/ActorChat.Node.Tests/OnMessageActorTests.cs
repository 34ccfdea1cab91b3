// The command that runs for each message: what it is given, how many run at once, and that one that hangs or is missing is reported and stops nothing else.

using ActorChat.Node.Tests.Support;
using Akka.Actor;
using Akka.Event;

namespace ActorChat.Node.Tests;

public sealed class OnMessageActorTests : NodeTestKit
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorchat-on-message-").FullName;

    public OnMessageActorTests() => Sys.EventStream.Subscribe(TestActor, typeof(Warning));

    public static TheoryData<string, string> Failures => new()
    {
        { "/no/such/program", "cannot be run" },
        { "sh -c 'exit 3'", "ended with exit code 3" },
    };

    [LinuxFact]
    public void The_command_finds_the_text_on_standard_input_and_who_wrote_it_in_its_environment()
    {
        var text = "$(touch here) `x` \"'\nzwei: ü\u001b" + new string('x', 100_000);
        var id = Guid.NewGuid();
        Make("sh -c 'cat > \"$0.new\"; printf \"%s %s\" \"$ACTORCHAT_FROM\" \"$ACTORCHAT_ID\" >> \"$0.new\"; mv \"$0.new\" \"$0\"' got").Tell(new OnMessageActor.Arrived("bob; x", id, text));
        MustHappen(() => File.Exists(In("got")));
        Assert.Equal($"{text}bob; x {id}", File.ReadAllText(In("got")));
    }

    [LinuxFact]
    public void Commands_run_and_wait_up_to_their_limits_and_the_rest_is_left_out_and_reported()
    {
        // Each command makes a file when it begins, and ends when the test makes another.
        var actor = Make("sh -c 'read -r name; echo > \"$name.begun\"; until [ -e \"$name.end\" ]; do sleep 0.01; done'", "on-message-at-once = 2, on-message-waiting = 1");
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            actor.Tell(new OnMessageActor.Arrived("bob", Guid.NewGuid(), $"{name}\n"));
        }

        MustHappen(() => HasBegun("a") && HasBegun("b"));
        WaitUntilQuiet(actor);
        Assert.False(HasBegun("c"));
        End("a");
        MustHappen(() => HasBegun("c"));
        Assert.Contains("was not run for 2 messages", ExpectMsg<Warning>().Message.ToString(), StringComparison.Ordinal);
        End("b");
        End("c");
        actor.Tell(new OnMessageActor.Arrived("bob", Guid.NewGuid(), "f\n"));
        MustHappen(() => HasBegun("f"));
        End("f");
        Assert.False(HasBegun("d") || HasBegun("e"));

        bool HasBegun(string name) => File.Exists(In($"{name}.begun"));

        void End(string name) => File.WriteAllText(In($"{name}.end"), "");
    }

    [LinuxTheory]
    [MemberData(nameof(Failures))]
    public void A_command_that_fails_is_reported_without_the_text_and_the_next_is_run(string command, string problem)
    {
        var actor = Make(command, "on-message-at-once = 1", isElsewhere: true);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            actor.Tell(new OnMessageActor.Arrived("bob", Guid.NewGuid(), "the text"));
            var told = ExpectMsg<Warning>().Message.ToString()!;
            Assert.Contains(problem, told, StringComparison.Ordinal);
            Assert.DoesNotContain("the text", told, StringComparison.Ordinal);
        }
    }

    [LinuxFact]
    public void A_command_that_does_not_end_is_killed_with_all_that_it_started()
    {
        var actor = Make("sh -c 'sleep 600 & echo $! > child.new; mv child.new child; wait'");
        actor.Tell(new OnMessageActor.Arrived("bob", Guid.NewGuid(), "hello"));
        MustHappen(() => File.Exists(In("child")));
        Clock.Advance(TimeSpan.FromSeconds(10.1));
        Assert.Contains("was killed after 10 s", ExpectMsg<Warning>(TimeSpan.FromSeconds(30)).Message.ToString(), StringComparison.Ordinal);
        MustHappen(() => HasEnded(File.ReadAllText(In("child"))));
    }

    [LinuxFact]
    public void A_command_that_runs_when_the_node_ends_is_killed()
    {
        var actor = Make("sh -c 'echo $$ > child.new; mv child.new child; exec sleep 600'");
        actor.Tell(new OnMessageActor.Arrived("bob", Guid.NewGuid(), "hello"));
        MustHappen(() => File.Exists(In("child")));
        actor.Tell(PoisonPill.Instance);
        MustHappen(() => HasEnded(File.ReadAllText(In("child"))));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        Directory.Delete(_folder, recursive: true);
    }

    // Whether the process is gone, or is a zombie that its parent has not reaped yet.
    private static bool HasEnded(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Trim()}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private string In(string name) => Path.Combine(_folder, name);

    // The command runs in this test's own folder, unless isElsewhere is set.
    private IActorRef Make(string command, string more = "", bool isElsewhere = false)
    {
        var settings = NodeSettings.Read(NodeSettings.LoadConfig($"actorchat.inbox {{ {more} }}"));
        return Sys.ActorOf(OnMessageActor.Props(settings with { OnMessage = isElsewhere ? command : $"env -C {_folder} {command}" }, Clock));
    }
}
