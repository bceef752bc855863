using LogDomain.Sequences;

namespace Readme;

/// <content>docs/guide/ctc.md and docs/guide/alignment.md.</content>
public sealed partial class Examples
{
    [Fact]
    public void Ctc_loss_and_gradient()
    {
        // <example>
        // Two frames of three classes, of which class 0 is the blank; the target is the token 1.
        float[] logits = [0, 1, 0, 2, 0, 0], gradient = new float[6];
        float loss = Ctc.LossAndGradient<float>(logits, classes: 3, [1], gradient);
        Console.WriteLine($"{loss:F6}");                           // 0.621143
        Console.WriteLine($"{gradient[1]:F6}");                    // -0.381873

        CtcAlignment path = Ctc.Align<float>(logits, classes: 3, [1]);
        Console.WriteLine(string.Join(' ', path.Path));            // 1 0
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Ctc_beam_search_with_a_language_model()
    {
        // <example>
        ArpaLanguageModel model = ArpaLanguageModel.Read(new StringReader("""
            \data\
            ngram 1=3

            \1-grams:
            -3   <unk>
            -0.1 ab
            -0.1 </s>

            \end\
            """));
        float[] logits = [0, 4, 4.2f, 0, 9, 0, 0, 0, 0, 0, 9, 0];   // three frames of blank, a, b and space
        CtcBeamOptions options = new() { Tokens = ["", "a", "b", " "] };
        Console.WriteLine(Ctc.BeamSearch<float>(logits, 4, options)[0].Text);                                       // bb
        Console.WriteLine(Ctc.BeamSearch<float>(logits, 4, options with { LanguageModel = model })[0].Text);        // ab
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Pair_alignment_and_its_posterior()
    {
        // <example>
        PairPosterior posterior = PairAlignment.Posterior("HEAGAWGHEE", "PAWHEAE");
        PairPath path = posterior.MaximumExpectedAccuracy();
        (string first, string second) = PairAlignment.Format(path, "HEAGAWGHEE", "PAWHEAE");
        Console.WriteLine(first);                                  // HEAGAWGHEE
        Console.WriteLine(second);                                 // P---AWHEAE
        Console.WriteLine($"{path.Score:F3}");                     // 5.764
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Profile_of_a_family()
    {
        // <example>
        FastaRecord[] family = [new("a", "", "ACG-T"), new("b", "", "ACGTT"), new("c", "", "AC--T")];
        ProfileHmm profile = ProfileHmm.FromAlignment(family, ProfileHmm.Bases);
        Console.WriteLine(profile.Length);                         // 4
        Console.WriteLine($"{profile.Forward("GGACGTGG"):F3}");    // 2.387
        ProfilePath path = profile.Viterbi("GGACGTGG", ProfileMode.Glocal);
        Console.WriteLine(path.Steps[0]);                          // ProfileStep { Kind = Match, Node = 1, Position = 2 }
        // </example>
        CompareOutput();
    }
}
