package dev.quern.cli.page;

import dev.quern.io.AtomicFile;
import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A page that opens offline: one table, charts, images. */
public final class HtmlReport {
    private final String title;
    private final String introduction;
    private final List<String> columns;
    private final List<List<String>> rows;
    private final List<Map<String, String>> charts = new ArrayList<>();
    private final List<Map<String, String>> images = new ArrayList<>();

    /** A page with its table, before charts and images. */
    public HtmlReport(String title, String introduction, List<String> columns, List<List<String>> rows) {
        this.title = title;
        this.introduction = introduction;
        this.columns = columns;
        this.rows = rows;
    }

    /** Adds a chart. */
    public void chart(LineChart chart, String caption) {
        chart(chart.svg(), caption);
    }

    /** Adds a picture. */
    public void chart(String svg, String caption) {
        charts.add(Map.of("svg", svg, "caption", caption));
    }

    /** @param source a data address, such as {@link ContactSheet} makes */
    public void image(String source, String caption) {
        images.add(Map.of("source", source, "caption", caption));
    }

    /** Writes the page; it appears whole or not at all. */
    public void write(Path file, String footer) throws IOException {
        Configuration templates = new Configuration(Configuration.VERSION_2_3_34);
        templates.setClassForTemplateLoading(HtmlReport.class, "");
        templates.setDefaultEncoding("UTF-8");
        StringWriter page = new StringWriter();
        Map<String, Object> model = Map.of(
                "title", title,
                "introduction", introduction,
                "columns", columns,
                "rows", rows,
                "charts", charts,
                "images", images,
                "footer", footer);
        try {
            templates.getTemplate("report.ftlh").process(model, page);
        } catch (TemplateException defect) {
            throw new IllegalStateException("the report template does not fit its data", defect);
        }
        AtomicFile.writeText(file, page.toString());
    }
}
