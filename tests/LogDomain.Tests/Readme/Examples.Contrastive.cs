using LogDomain.Losses;

namespace Readme;

public sealed partial class Examples
{
    [Fact]
    public void Images_and_their_texts()
    {
        // <example>
        // Three images and their texts, two numbers each. The scale is a parameter of the model.
        float[] images = [1, 0.1f, -0.2f, 1, -1, -0.8f], texts = [0.9f, -0.1f, 0, 2, -0.5f, -0.6f];
        float[] imagesGradient = new float[6], textsGradient = new float[6];

        float loss = Clip.LossAndGradient<float>(images, texts, 2, 10, imagesGradient, textsGradient, out double scaleGradient);
        Console.WriteLine($"{loss:E3}");                                        // 5.136E-005
        Console.WriteLine($"{imagesGradient[0]:E3}, {imagesGradient[1]:E3}");   // -5.497E-005, 5.497E-004
        Console.WriteLine($"{scaleGradient:E3}, {10 * scaleGradient:E3}");      // -4.562E-005, -4.562E-004

        float[] ofImages = new float[3], ofTexts = new float[3];
        Clip.LossPerRow<float>(images, texts, 2, 10, ofImages, ofTexts);
        Console.WriteLine($"{ofImages[0]:E3}, {ofTexts[0]:E3}");                // 1.531E-004, 2.777E-006
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Each_pair_for_itself()
    {
        // <example>
        float[] pictures = [1, 0, 0, 1], captions = [1, 0, 0.6f, 0.8f], captionsGradient = new float[4];

        float sigmoid = SigLip.LossAndGradient<float>(
            pictures, captions, 2, 10, -10, default, captionsGradient, out double byScale, out double byBias);
        Console.WriteLine($"{sigmoid:F6}");                                     // 1.419135
        Console.WriteLine($"{byScale:F6}, {byBias:F6}");                        // -0.596923, -0.681383

        float[] each = new float[2];
        SigLip.LossPerRow<float>(pictures, captions, 2, 10, -10, each);
        Console.WriteLine($"{each[0]:F6}, {each[1]:F6}");                       // 0.711297, 2.126973
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_query_and_its_keys()
    {
        // <example>
        // One question and three passages. Passage 0 answers it; passage 1 does too, so it is no negative.
        float[] questions = [1, 0], passages = [1, 0, 0.9f, 0.1f, 0, 1], losses = new float[1];
        int[] answers = [0];
        InfoNceOptions options = new() { Temperature = 0.02, Negatives = new[] { false, false, true } };

        InfoNce.LossPerRow<float>(questions, passages, answers, 2, losses, options);
        Console.WriteLine($"{losses[0]:E3}");                                   // 1.929E-022

        float[] questionsGradient = new float[2];
        InfoNce.LossAndGradient<float>(questions, passages, answers, 2, questionsGradient, default, options);
        Console.WriteLine($"{questionsGradient[0]:E3}, {questionsGradient[1]:E3}");   // -9.644E-021, 9.644E-021
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Two_views_of_an_image()
    {
        // <example>
        float[] views = [1, 0, 0, 1], otherViews = [1, 0.5f, -0.25f, 1], viewsGradient = new float[4], otherGradient = new float[4];
        float contrast = NtXent.LossAndGradient<float>(views, otherViews, 2, viewsGradient, otherGradient, new() { Temperature = 0.5 });
        Console.WriteLine($"{contrast:F6}");                                    // 0.355566
        Console.WriteLine($"{viewsGradient[0]:F6}, {viewsGradient[1]:F6}");     // 0.000000, 0.048901
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Labels_say_who_belongs_together()
    {
        // <example>
        // Four embeddings at right angles, two labels, a temperature of 0.005.
        float[] embeddings = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], rows = new float[4];
        int[] labels = [7, 7, 9, 9];
        SupervisedContrastiveOptions sharp = new() { Temperature = 0.005 };

        SupervisedContrastive.LossPerRow<float>(embeddings, labels, 4, rows, sharp);
        Console.WriteLine($"{rows[0]:F6}, {rows[3]:F6}");                       // 1.098612, 1.098612
        Console.WriteLine($"{SupervisedContrastive.Loss<float>(embeddings, labels, 4, sharp):F6}");   // 1.098612
        // </example>
        CompareOutput();
    }
}
