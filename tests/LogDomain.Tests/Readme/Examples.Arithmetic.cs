using System.Globalization;
using LogDomain;

namespace Readme;

public sealed partial class Examples
{
    [Fact]
    public void Numbers_from_logarithms_and_values()
    {
        // <example>
        LogNumber<double> rare = LogNumber<double>.FromLog(-12345.6);
        LogNumber<double> half = LogNumber<double>.FromValue(0.5);
        Console.WriteLine(rare * half);                               // e^-12346.29314718056
        Console.WriteLine((rare * half / rare).Value);                // 0.4999999999999138
        Console.WriteLine($"{rare:V4}");                              // 2.366E-5362
        Console.WriteLine(LogNumber<double>.Parse("1e-5000", CultureInfo.InvariantCulture).Log);   // -11512.925464970229
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_naive_Bayes_classifier()
    {
        // <example>
        // The probability of each of 2,000 words, given spam and given no spam.
        LogNumber<double>[] givenSpam = new LogNumber<double>[2000], givenNoSpam = new LogNumber<double>[2000];
        Array.Fill(givenSpam, LogNumber<double>.FromValue(0.001));
        Array.Fill(givenNoSpam, LogNumber<double>.FromValue(0.0011));
        Console.WriteLine(Math.Pow(0.001, 2000));                     // 0

        LogNumber<double> spam = LogNumber<double>.FromValue(0.9) * LogNumber<double>.Product(givenSpam);
        LogNumber<double> noSpam = LogNumber<double>.FromValue(0.1) * LogNumber<double>.Product(givenNoSpam);
        LogNumber<double> posterior = spam / (spam + noSpam);
        Console.WriteLine($"{spam:V3}, {noSpam:V3}");                 // 9E-6001, 6.1E-5919
        Console.WriteLine($"{posterior:V3}");                         // 1.48E-82
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_product_of_a_million_probabilities()
    {
        // <example>
        LogNumber<float>[] probabilities = new LogNumber<float>[1_000_000];
        Array.Fill(probabilities, LogNumber<float>.FromValue(0.9f));

        LogNumber<float> oneByOne = LogNumber<float>.One;
        foreach (LogNumber<float> p in probabilities)
        {
            oneByOne *= p;
        }

        Console.WriteLine(oneByOne);                                  // e^-103987.51
        Console.WriteLine(LogNumber<float>.Product(probabilities));   // e^-105360.55
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_signed_sum_that_cancels()
    {
        // <example>
        // (1 + 1e-10) e^-5000 - e^-5000
        SignedLogNumber<double> scale = SignedLogNumber<double>.FromLog(-5000);
        SignedLogNumber<double> excess = scale * SignedLogNumber<double>.FromValue(1e-10);
        SignedLogNumber<double> difference = scale + excess - scale;
        SignedLogNumber<double> atOnce = SignedLogNumber<double>.Sum([scale, excess, -scale]);
        Console.WriteLine($"{difference / excess:F6}, {atOnce / excess:F6}");           // 1.000444, 1.000000
        Console.WriteLine(SignedLogNumber<double>.Sign(scale - (scale + excess)));      // -1
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Generic_code_runs_on_logarithms()
    {
        // <example>
        static T Likelihood<T>(int heads, int tosses, T bias)
            where T : System.Numerics.INumberBase<T>
        {
            T likelihood = T.One;
            for (int i = 0; i < tosses; i++)
            {
                likelihood *= i < heads ? bias : T.One - bias;
            }

            return likelihood;
        }

        Console.WriteLine(Likelihood(3000, 5000, 0.55));                               // 0
        Console.WriteLine(Likelihood(3000, 5000, LogNumber<double>.FromValue(0.55)));  // e^-3390.526394702229
        // </example>
        CompareOutput();
    }
}
