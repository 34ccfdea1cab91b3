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
    [InlineData("@B", "@B")] // two names begin with it and share no further letter
    [InlineData("@anna", "@anna")] // a name with a space cannot be written so
    [InlineData("@x", "@x")]
    [InlineData("@bob hello @c", "@bob hello @carol ")]
    [InlineData("hello", "hello")]
    [InlineData("/wh", "/whoami ")]
    [InlineData("/re", "/re")] // two begin with it; the letters they share
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
        Assert.Null(question.Marked);
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
        Assert.Equal("@carol there", question.ShownText);
        Type(question, "is ");
        Assert.Equal("@carol is there", question.ShownText);
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
        Assert.Equal(["Password for [::1]:5002: "], question.Paint(question.PromptText, 80, 5).Rows.Select(row => row.Text));
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
    [InlineData("2", "", null, "Bobby")]
    [InlineData("bob, 3", "", null, "bob,carol")]
    [InlineData("5", "", null, "5")]
    [InlineData("192.0.2.7:5002", "", null, "192.0.2.7:5002")]
    [InlineData("nobody", "Down", null, "nobody")]
    public void A_contact_is_chosen_by_letters_and_arrows(string typed, string keys, string? marked, string answer)
    {
        var question = Ask(new Prompt.Recipients([], Names, null));
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
        var question = Ask(new Prompt.Recipients([], Names, null));
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
        var to = Ask(new Prompt.Recipients([], Names, null));
        Type(to, "bo");
        Assert.Equal(new Answer.TakenBack(), Press(to, EditKey.Escape));
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
        Array.ForEach(ids[1..], id => underWay.Remove(id));
        Assert.Equal("⠋ bob: message 0␊of two ␛ lin…", Assert.Single(underWay.Rows(10, 30, 3)).Text);
    }

    [Fact]
    public void Tab_goes_on_to_the_next_of_the_words_that_it_has_offered()
    {
        var question = Ask(new Prompt.Message(null));
        Type(question, "/re");
        var seen = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            Press(question, EditKey.Tab);
            seen.Add(question.ShownText);
        }

        Assert.Equal(["/re", "/retry", "/reload", "/retry"], seen);
        Assert.Equal(0, question.Marked);
        Type(question, " ");
        Assert.Equal(("/retry ", 0), (question.ShownText, question.Offered.Count));
    }

    [Fact]
    public void Ctrl_C_clears_the_line_and_then_has_nothing_to_leave()
    {
        var question = Ask(new Prompt.Message(null));
        Type(question, "half a li");
        Assert.Null(Press(question, EditKey.Interrupt));
        Assert.Equal("", question.ShownText);
        Assert.Equal(new Answer.NothingToLeave(), Press(question, EditKey.Interrupt));
    }

    [Fact]
    public void Ctrl_C_leaves_a_question_that_a_message_brought()
    {
        Prompt[] prompts = [new Prompt.Recipients([], Names, null), new Prompt.Password("[::1]:5002"), new Prompt.Continuation()];
        Assert.All(prompts, prompt =>
        {
            var question = Ask(prompt);
            Type(question, "x");
            Assert.Null(Press(question, EditKey.Interrupt));
            Assert.Equal(new Answer.TakenBack(), Press(question, EditKey.Interrupt));
        });
    }

    [Fact]
    public void A_message_of_many_lines_is_asked_about_first()
    {
        var question = Ask(new Prompt.Message("bob"));
        var text = string.Join('\n', Enumerable.Range(1, 21));
        Type(question, text);
        Assert.Null(Press(question, EditKey.Enter));
        Assert.Equal("21 lines: Enter again sends them as one message.", question.Hint);
        Assert.Null(Press(question, EditKey.Escape));
        Assert.Null(question.Hint);
        Assert.Null(Press(question, EditKey.Enter));
        Assert.Equal(new Answer.Line(text), Press(question, EditKey.Enter));

        var shorter = Ask(new Prompt.Message("bob"));
        Type(shorter, text[..^3]);
        Assert.IsType<Answer.Line>(Press(shorter, EditKey.Enter));
    }

    [Fact]
    public void A_search_finds_what_was_typed_before_the_newest_first()
    {
        foreach (var line in new[] { "@bob one train", "@carol a plane", "@bob another TRAIN", "/contacts" })
        {
            _history.Add(line);
        }

        var question = Ask(new Prompt.Message(null));
        Type(question, "draft");
        Press(question, EditKey.Search);
        Type(question, "tr");
        Type(question, "ai");
        Assert.Equal(("search \"trai\": ", "@bob another TRAIN"), (question.PromptText, question.ShownText));
        Press(question, EditKey.Search);
        Assert.Equal("@bob one train", question.ShownText);
        Press(question, EditKey.Search); // there is no other
        Assert.Equal("@bob one train", question.ShownText);
        Assert.Null(Press(question, EditKey.Enter)); // the line found is shown before it is sent
        Assert.Equal(("> ", "@bob one train"), (question.PromptText, question.ShownText));
        Press(question, EditKey.Undo);
        Assert.Equal("draft", question.ShownText);
    }

    [Theory]
    [InlineData(EditKey.Escape, "draft")]
    [InlineData(EditKey.Interrupt, "draft")]
    [InlineData(EditKey.CutToStart, "")] // takes the line that was found and then edits it
    public void A_search_can_be_left(EditKey key, string line)
    {
        _history.Add("found");
        var question = Ask(new Prompt.Message(null));
        Type(question, "draft");
        Press(question, EditKey.Search);
        Type(question, "fx");
        Assert.Equal("", question.ShownText);
        Press(question, EditKey.Backspace);
        Assert.Equal("found", question.ShownText);
        Press(question, key);
        Assert.Equal(line, question.ShownText);
    }

    [Fact]
    public void Pages_go_through_many_contacts_without_going_round()
    {
        var question = Ask(new Prompt.Recipients([], [.. Enumerable.Range(1, 12).Select(i => $"contact {i}")], null));
        Press(question, EditKey.PageDown);
        Assert.Equal(4, question.Marked);
        Press(question, EditKey.PageDown);
        Press(question, EditKey.PageDown);
        Assert.Equal((12, "all"), (question.Marked!.Value, question.Offered[12]));
        Press(question, EditKey.PageUp);
        Assert.Equal(7, question.Marked);
    }

    [Fact]
    public void Whoever_wrote_last_is_named_at_To_until_something_is_typed()
    {
        var question = Ask(new Prompt.Recipients([], Names, "car\u001bol"));
        Assert.Equal("car␛ol wrote last; /r and a text answers at once.", question.Hint);
        Type(question, "b");
        Assert.Null(question.Hint);
        Assert.Null(Ask(new Prompt.Recipients([], Names, null)).Hint);
    }

    private static Answer? Press(Question question, EditKey key) => question.Take(new Input.Key(key), Names);

    private static void Type(Question question, string text) => Assert.Null(question.Take(new Input.Text(text), Names));

    private Question Ask(Prompt prompt) => new(prompt, _history);
}
