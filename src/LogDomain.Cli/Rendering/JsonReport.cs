using System.Text.Json;
using LogDomain.Cli.Evaluation;

namespace LogDomain.Cli.Rendering;

/// <summary>One JSON object. A number that is not finite, or that does not exist, is null.</summary>
internal static class JsonReport
{
    public static void Write(Scores scores, Stream stream)
    {
        using (Utf8JsonWriter json = new(stream, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("count", scores.Count);
            json.WriteNumber("ignored", scores.Ignored);
            json.WriteNumber("classes", scores.Classes);
            Number("crossEntropy", scores.CrossEntropy);
            Number("perplexity", scores.Perplexity);
            Number("bitsPerLabel", scores.BitsPerLabel);
            Number("accuracy", scores.Accuracy);
            json.WriteNumber("topK", scores.TopK);
            Number("topKAccuracy", scores.TopKAccuracy);
            Number("brier", scores.Brier);
            Number("expectedCalibrationError", scores.ExpectedCalibrationError);
            Number("temperature", scores.Temperature);
            Number("crossEntropyAtTemperature", scores.CrossEntropyAtTemperature);
            Number("meanLogProbability", scores.MeanLogProbability);
            Number("meanEntropy", scores.MeanEntropy);
            json.WriteEndObject();

            void Number(string key, double? value)
            {
                if (value is double number && double.IsFinite(number))
                {
                    json.WriteNumber(key, number);
                }
                else
                {
                    json.WriteNull(key);
                }
            }
        }

        stream.WriteByte((byte)'\n');
    }
}
