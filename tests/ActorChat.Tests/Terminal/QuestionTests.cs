// The open question: completion, choosing, and what an answer is.

using ActorChat.Node.Consoles;
using ActorChat.Screens.Terminal;

namespace ActorChat.Tests.Terminal;

public sealed class QuestionTests
{
    private static readonly string[] Names = ["bob", "Bobby", "carol", "Anna Maria"];

    private readonly InputHistory _history = new();

    [Theory]
    [InlineData("@c", "@carol ")]
    [InlineData("@bob,c", "@bob,carol ")]
    [InlineData("@al", "@all ")]
    [InlineData("@B", "@B")] // two begin with it, and differ in it
    [InlineData("@anna", "@anna")] // a name with a space cannot be written so
    [InlineData("@x", "@x")]
    [InlineData("@bob hello @c", "@bob hello @c")]
    [InlineData("hello", "hello")]
    [InlineData("/w", "/whoami ")]
    [InlineData("/r", "/re")] // two begin with it; the letters they share
    [InlineData("/to an", "/to Anna Maria ")]
    [InlineData("/to bob,ca", "/to bob,carol ")]
    [InlineData("/history ca", "/history carol ")]
    [InlineData("/bell o", "/bell o")]
    [InlineData("/nothing b", "/nothing b")]
    public void Tab_completes_names_and_commands(string typed, string completed)
    {
        var question = Ask(new Prompt.Message(null));
        Type(question, typed);
        Assert.Null(Press(question, EditKey.Tab));
        Assert.Equal(completed, question.ShownText);
    }

    [Fact]
    public void Several_possible_words_are_offered_until_the_next_key()
    {
        var question = Ask(new Prompt.Message(null));
        Type(question, "/re");
        Press(question, EditKey.Tab);
        Assert.Equal(["/retry", "/reload"], question.Offered);
        Type(question, "l");
        Assert.Empty(question.Offered);
        Press(question, EditKey.Tab);
        Assert.Equal(("/reload ", 0), (question.ShownText, question.Offered.Count));
    }

    [Fact]
    public void Tab_completes_at_the_cursor()
    {
        var question = Ask(new Prompt.Message(null));
        Type(question, "@ca there");
        foreach (var _ in " there")
        {
            Press(question, EditKey.Left);
        }

        Press(question, EditKey.Tab);
        Assert.Equal("@carol  there", question.ShownText);
    }

    [Fact]
    public void Enter_answers_and_the_line_is_kept_for_the_next_question()
    {
        var question = Ask(new Prompt.Message(null));
        Type(question, "one\ntwo");
        Assert.Equal(new Answer.Line("one\ntwo"), Press(question, EditKey.Enter));
        var next = Ask(new Prompt.Message(null));
        Press(next, EditKey.Up);
        Assert.Equal("one\ntwo", next.ShownText);
    }

    [Fact]
    public void Ctrl_D_in_an_empty_line_ends_the_input_and_elsewhere_erases()
    {
        var question = Ask(new Prompt.Message(null));
        Type(question, "ab");
        Press(question, EditKey.Home);
        Assert.Null(Press(question, EditKey.DeleteOrEnd));
        Assert.Null(Press(question, EditKey.DeleteOrEnd));
        Assert.Equal("", question.ShownText);
        Assert.Equal(new Answer.End(), Press(question, EditKey.DeleteOrEnd));
    }

    [Fact]
    public void A_password_is_neither_shown_nor_kept()
    {
        var question = Ask(new Prompt.Password("[::1]:5002"));
        Type(question, "secret");
        Assert.Equal(("Password for [::1]:5002: ", ""), (question.PromptText, question.ShownText));
        Assert.Equal(["Password for [::1]:5002: "], question.Paint(80, 5).Rows.Select(row => row.Text));
        Assert.Equal(new Answer.Line("secret"), Press(question, EditKey.Enter));
        Assert.Equal(0, _history.Count);
    }

    // What is typed at "To:", the keys, what is marked then, and the answer.
    [Theory]
    [InlineData("", "", null, "")]
    [InlineData("", "Down", "bob", "bob")]
    [InlineData("", "Down Down Down", "carol", "carol")]
    [InlineData("", "Up", "all", "all")]
    [InlineData("", "Up Down", "bob", "bob")]
    [InlineData("ar", "", "carol", "carol")]
    [InlineData("a", "", "Anna Maria", "Anna Maria")] // those that begin with it come first
    [InlineData("a", "Down", "all", "all")]
    [InlineData("BOB", "", "bob", "bob")]
    [InlineData("bob", "", null, "bob")] // the whole name, although another begins with it
    [InlineData("bob", "Down Down", "Bobby", "Bobby")]
    [InlineData("bob,c", "", "carol", "bob,carol")]
    [InlineData("2", "", null, "2")]
    [InlineData("192.0.2.7:5002", "", null, "192.0.2.7:5002")]
    [InlineData("nobody", "Down", null, "nobody")]
    public void A_contact_is_chosen_by_letters_and_arrows(string typed, string keys, string? marked, string answer)
    {
        var question = Ask(new Prompt.Recipients(Names));
        Type(question, typed);
        foreach (var key in keys.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Null(Press(question, Enum.Parse<EditKey>(key)));
        }

        Assert.Equal(marked, question.Marked is { } index ? question.Offered[index] : null);
        Assert.Equal(new Answer.Line(answer), Press(question, EditKey.Enter));
    }

    [Fact]
    public void Typing_on_forgets_what_the_arrows_chose()
    {
        var question = Ask(new Prompt.Recipients(Names));
        Press(question, EditKey.Down);
        Type(question, "c");
        Assert.Equal(new Answer.Line("carol"), Press(question, EditKey.Enter));
    }

    [Fact]
    public void Escape_takes_a_message_back_at_To_only()
    {
        var question = Ask(new Prompt.Message(null));
        Type(question, "kept");
        Assert.Null(Press(question, EditKey.Escape));
        Assert.Equal("kept", question.ShownText);
        var to = Ask(new Prompt.Recipients(Names));
        Type(to, "bo");
        Assert.Equal(new Answer.Line(""), Press(to, EditKey.Escape));
    }

    [Fact]
    public void Only_a_message_may_have_several_lines()
    {
        var question = Ask(new Prompt.OwnName());
        Type(question, "alice");
        Press(question, EditKey.NewLine);
        Assert.Equal("alice", question.ShownText);
    }

    [Fact]
    public void The_prompt_names_the_chosen_recipient_harmlessly()
    {
        Assert.Equal("bob> ", Ask(new Prompt.Message("bob")).PromptText);
        Assert.Equal("e␛ve> ", Ask(new Prompt.Message("e\u001bve")).PromptText);
        Assert.Equal("> ", Ask(new Prompt.Message(null)).PromptText);
    }

    [Fact]
    public void Messages_under_way_have_a_row_each_and_the_rest_is_counted()
    {
        var underWay = new UnderWay();
        var ids = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var (index, id) in ids.Index())
        {
            underWay.Add(new NodeEvent.MessageStarted(id, "bob", $"message {index}\nof two \u001b lines that are longer than the row"));
        }

        Assert.Equal(["⠋ bob: message 0␊of two ␛ lin…", "⠋ bob: message 1␊of two ␛ lin…", "⠋ and 3 more"], underWay.Rows(0, 30, 3).Select(row => row.Text));
        Assert.StartsWith("⠙", underWay.Rows(1, 30, 3).First().Text, StringComparison.Ordinal);
        Array.ForEach(ids[1..], underWay.Remove);
        Assert.Equal("⠋ bob: message 0␊of two ␛ lin…", Assert.Single(underWay.Rows(10, 30, 3)).Text);
    }

    private static Answer? Press(Question question, EditKey key) => question.Take(new Input.Key(key), Names);

    private static void Type(Question question, string text) => Assert.Null(question.Take(new Input.Text(text), Names));

    private Question Ask(Prompt prompt) => new(prompt, _history);
}
